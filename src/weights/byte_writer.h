// Appends little-endian fields to bytes.
#pragma once

#include <bit>
#include <cstdint>
#include <utility>

#include "base/bytes.h"

namespace facepipe::weights {

class ByteWriter {
 public:
  ByteWriter& u8(std::uint8_t value) { return number(value); }
  ByteWriter& u16(std::uint16_t value) { return number(value); }
  ByteWriter& u32(std::uint32_t value) { return number(value); }
  ByteWriter& u64(std::uint64_t value) { return number(value); }
  ByteWriter& text(std::string_view value) { return bytes(as_bytes(value)); }
  ByteWriter& bytes(ByteView value) {
    bytes_.insert(bytes_.end(), value.begin(), value.end());
    return *this;
  }
  ByteWriter& zeros(std::size_t count) {
    bytes_.resize(bytes_.size() + count);
    return *this;
  }

  void reserve(std::size_t bytes) { bytes_.reserve(bytes); }

  [[nodiscard]] std::size_t size() const { return bytes_.size(); }
  [[nodiscard]] Bytes take() && { return std::move(bytes_); }

 private:
  template <typename T>
  ByteWriter& number(T value) {
    static_assert(std::endian::native == std::endian::little, "the machine's byte order is written");
    return bytes({reinterpret_cast<const std::byte*>(&value), sizeof(T)});
  }

  Bytes bytes_;
};

}  // namespace facepipe::weights
