// Tested by attribute_codec_test.cc
#include "queue/store/attribute_codec.h"

#include <cstdint>
#include <limits>
#include <string_view>

#include "base/check.h"

namespace facepipe::queue {
namespace {

constexpr std::size_t kLengthBytes = 4;

void put(Bytes& bytes, std::string_view part) {
  FACEPIPE_CHECK(part.size() <= std::numeric_limits<std::uint32_t>::max());
  const auto size = static_cast<std::uint32_t>(part.size());
  for (unsigned shift = 0; shift < 32; shift += 8) {
    bytes.push_back(static_cast<std::byte>((size >> shift) & 0xffU));
  }
  const ByteView content = as_bytes(part);
  bytes.insert(bytes.end(), content.begin(), content.end());
}

// Takes one part off the front of `bytes`.
Result<std::string> take(ByteView& bytes) {
  if (bytes.size() >= kLengthBytes) {
    std::uint32_t size = 0;
    for (std::size_t i = 0; i < kLengthBytes; ++i) {
      size |= std::to_integer<std::uint32_t>(bytes[i]) << (8 * i);
    }
    bytes = bytes.subspan(kLengthBytes);
    if (size <= bytes.size()) {
      std::string part(as_text(bytes.first(size)));
      bytes = bytes.subspan(size);
      return part;
    }
  }
  return Error{ErrorCode::kInvalidData, "queue store: stored message attributes are cut short"};
}

}  // namespace

Bytes encode_attributes(const MessageAttributes& attributes) {
  Bytes bytes;
  for (const auto& [name, attribute] : attributes) {
    put(bytes, name);
    put(bytes, attribute.data_type);
    put(bytes, attribute.value);
  }
  return bytes;
}

Result<MessageAttributes> decode_attributes(ByteView bytes) {
  MessageAttributes attributes;
  while (!bytes.empty()) {
    FACEPIPE_ASSIGN(std::string name, take(bytes));
    FACEPIPE_ASSIGN(std::string type, take(bytes));
    FACEPIPE_ASSIGN(std::string value, take(bytes));
    attributes[std::move(name)] = MessageAttribute{std::move(type), std::move(value)};
  }
  return attributes;
}

}  // namespace facepipe::queue
