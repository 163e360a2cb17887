// What this module's parsers share: a bounds-checked little-endian reader, safe quoting, and the errors they make.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>

#include "base/bytes.h"
#include "base/result.h"
#include "weights/readers.h"

namespace facepipe::weights {

// Longest name of a tensor or archive entry. Names are joined from parts that a hostile file may share a million times,
// so that without a bound a small file could ask for terabytes of names.
inline constexpr std::size_t kMaxNameBytes = 1024;

[[nodiscard]] inline Error invalid_data(std::string message) {
  return {ErrorCode::kInvalidData, std::move(message)};
}
[[nodiscard]] inline Error unsupported(std::string message) {
  return {ErrorCode::kUnsupported, std::move(message)};
}
[[nodiscard]] inline Error too_large(std::string message) {
  return {ErrorCode::kTooLarge, std::move(message)};
}

// `text` in single quotes, for messages: at most 100 bytes of it, anything but printable ASCII as '?'.
[[nodiscard]] std::string quote(std::string_view text);

// kInvalidData unless `name` can name a tensor: 1 to kMaxNameBytes bytes, and not safetensors' reserved "__metadata__".
[[nodiscard]] Status check_name(std::string_view name);

// `limits` for a file of torch of `file_bytes`. Entries: an embedding takes up to 16 of them and, with 16 values or
// more, 120 bytes of the file, so one for 8 bytes lets galleries of any size in. Each takes some 110 bytes of memory at
// most, so that they stay below 14 times the file. Values: a file holds at least two bytes for each, unless storages
// are shared.
[[nodiscard]] ReadLimits limits_for(std::size_t file_bytes, ReadLimits limits);

// What bytes of no known format look like, for messages: "looks like gzip".
[[nodiscard]] std::string_view resemblance(ByteView file);

// kTooLarge if the file is larger than limits.max_file_bytes.
[[nodiscard]] Status check_file_size(ByteView file, const ReadLimits& limits);

// `size` bytes from `offset`, or kInvalidData: "WHAT at byte OFFSET, SIZE bytes, is outside the file of N bytes".
[[nodiscard]] Result<ByteView> slice(ByteView bytes, std::uint64_t offset, std::uint64_t size, std::string_view what);

// Reads fields one after the other. Reading past the end gives zeros or an empty view and sets overrun() for good, so a
// record is parsed in one go and overrun() is asked before its values are used.
class ByteReader {
 public:
  explicit ByteReader(ByteView bytes) : bytes_(bytes) {}

  [[nodiscard]] std::uint8_t u8() { return read<std::uint8_t>(); }
  [[nodiscard]] std::uint16_t u16() { return read<std::uint16_t>(); }
  [[nodiscard]] std::uint32_t u32() { return read<std::uint32_t>(); }
  [[nodiscard]] std::uint64_t u64() { return read<std::uint64_t>(); }
  [[nodiscard]] ByteView take(std::uint64_t size) {
    if (size > remaining()) {
      overrun_ = true;
      return {};
    }
    const ByteView result = bytes_.subspan(position_, static_cast<std::size_t>(size));
    position_ += static_cast<std::size_t>(size);
    return result;
  }
  void skip(std::uint64_t size) { static_cast<void>(take(size)); }
  // The text before the next newline, which is passed over.
  [[nodiscard]] std::string_view line();

  [[nodiscard]] bool overrun() const { return overrun_; }
  [[nodiscard]] std::size_t position() const { return position_; }
  [[nodiscard]] std::size_t remaining() const { return bytes_.size() - position_; }

 private:
  template <typename T>
  T read() {
    static_assert(std::endian::native == std::endian::little, "the files' byte order is read as the machine's own");
    T value{};
    if (const ByteView bytes = take(sizeof(T)); bytes.size() == sizeof(T)) {
      std::memcpy(&value, bytes.data(), sizeof(T));
    }
    return value;
  }

  ByteView bytes_;
  std::size_t position_ = 0;
  bool overrun_ = false;
};

}  // namespace facepipe::weights
