// Tested by protobuf_test.cc.
#include "packs/sources/protobuf.h"

#include <bit>
#include <cstring>
#include <string>

namespace facepipe::weights {
namespace {

// Little-endian, as all numbers of fixed size.
std::uint64_t fixed_number(ByteView bytes) {
  static_assert(std::endian::native == std::endian::little, "the machine's byte order is the format's");
  std::uint64_t value = 0;
  if (!bytes.empty()) {  // memcpy takes no null pointer, not even for nothing
    std::memcpy(&value, bytes.data(), bytes.size());
  }
  return value;
}

}  // namespace

float ProtoField::as_float() const {
  return std::bit_cast<float>(static_cast<std::uint32_t>(value));
}

void ProtoReader::fail(ErrorCode code, std::string_view what) {
  if (!error_) {
    error_ = Error{code, "protocol buffers: " + std::string(what) + " at byte " + std::to_string(position_) +
                             " of a message of " + std::to_string(message_.size())};
  }
}

ByteView ProtoReader::take(std::uint64_t size) {
  if (error_ || size > message_.size() - position_) {
    fail(ErrorCode::kInvalidData, "a field is cut short");
    return {};
  }
  const ByteView bytes = message_.subspan(position_, static_cast<std::size_t>(size));
  position_ += bytes.size();
  return bytes;
}

std::optional<std::uint64_t> ProtoReader::varint() {
  constexpr unsigned kBits = 7;
  constexpr unsigned kMaxShift = 63;
  if (position_ == message_.size() || error_) {
    return std::nullopt;
  }
  std::uint64_t value = 0;
  for (unsigned shift = 0; shift <= kMaxShift; shift += kBits) {
    const ByteView byte = take(1);
    if (byte.empty()) {
      return std::nullopt;
    }
    const auto bits = std::to_integer<std::uint64_t>(byte[0]);
    value |= (bits & 0x7FU) << shift;
    if (bits < 0x80U) {
      return value;
    }
  }
  fail(ErrorCode::kInvalidData, "a number of more than 10 bytes");
  return std::nullopt;
}

std::optional<ProtoField> ProtoReader::next() {
  constexpr std::uint64_t kMaxTag = 0xFFFFFFFFU;
  const std::optional<std::uint64_t> tag = varint();
  if (!tag) {
    return std::nullopt;
  }
  ProtoField field;
  field.number = static_cast<std::uint32_t>(*tag >> 3U);
  if (*tag > kMaxTag || field.number == 0) {
    fail(ErrorCode::kInvalidData, "no field has such a number");
    return std::nullopt;
  }
  switch (*tag & 7U) {
    case 0:
      if (position_ == message_.size()) {
        fail(ErrorCode::kInvalidData, "a field is cut short");
      }
      field.value = varint().value_or(0);
      break;
    case 1:
      field.kind = ProtoField::Kind::kFixed64;
      field.value = fixed_number(take(sizeof(std::uint64_t)));
      break;
    case 2:
      field.kind = ProtoField::Kind::kBytes;
      field.bytes = take(varint().value_or(message_.size() + 1));  // no length: past the end
      break;
    case 5:
      field.kind = ProtoField::Kind::kFixed32;
      field.value = fixed_number(take(sizeof(std::uint32_t)));
      break;
    default:
      fail(ErrorCode::kUnsupported, "a group, or a field of no known kind,");
      break;
  }
  return error_ ? std::nullopt : std::optional(field);
}

}  // namespace facepipe::weights
