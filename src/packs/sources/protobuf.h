// The fields of one protocol buffers message, one after the other, with bounds.
// Source of the format: protobuf.dev/programming-guides/encoding.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"

namespace facepipe::weights {

struct ProtoField {
  enum class Kind { kVarint, kFixed64, kBytes, kFixed32 };
  std::uint32_t number = 0;
  Kind kind = Kind::kVarint;
  std::uint64_t value = 0;  // of the three kinds of numbers
  ByteView bytes;           // of kBytes: a text, a message or packed numbers; a view

  [[nodiscard]] std::string_view text() const { return as_text(bytes); }
  // Of kFixed32.
  [[nodiscard]] float as_float() const;
};

// Nothing recurses and nothing is allocated: each byte of a message is passed over once.
class ProtoReader {
 public:
  explicit ProtoReader(ByteView message) : message_(message) {}

  // The next field; nothing at the end, and after an error.
  [[nodiscard]] std::optional<ProtoField> next();
  // kInvalidData for a message that is cut short, kUnsupported for groups, which nothing has written for long.
  [[nodiscard]] const std::optional<Error>& error() const { return error_; }
  // One varint, where a message is nothing but packed numbers.
  [[nodiscard]] std::optional<std::uint64_t> varint();

 private:
  [[nodiscard]] ByteView take(std::uint64_t size);
  void fail(ErrorCode code, std::string_view what);

  ByteView message_;
  std::size_t position_ = 0;
  std::optional<Error> error_;
};

}  // namespace facepipe::weights
