// Tested by queue_store_key_test.cc
#include "queue/store/payload.h"

#include <algorithm>
#include <limits>

#include "base/check.h"
#include "queue/store/message_rows.h"
#include "queue/validation.h"

namespace facepipe::queue {
namespace {

constexpr std::string_view kBody = "body ";
constexpr std::string_view kAttributes = "attributes ";

// Of bytes that are sealed. A body cannot begin like them: it is text without U+0000 (validation.h). Nor can
// attributes: their first number is the length of a name, at most 256.
Result<Bytes> open(const SealingKey* key, std::string_view part, const std::string& message_id, ByteView stored) {
  if (key == nullptr) {
    return Error{ErrorCode::kInvalidData, "queue store: an encrypted message in a store without a key"};
  }
  return key->open(stored, std::string(part) + message_id).with_context("queue store: message " + message_id);
}

// Text that a message may have, wherever there is text.
bool is_readable(const MessageAttributes::value_type& named) {
  const auto& [name, attribute] = named;
  return !name.empty() && is_message_text(name) && is_message_text(attribute.data_type) &&
         (attribute.data_type.starts_with("Binary") || is_message_text(attribute.value));
}

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

ByteView stored_body(const SealingKey* key, const std::string& message_id, std::string_view body, Bytes& sealed) {
  if (key == nullptr) {
    return as_bytes(body);
  }
  sealed = key->seal(as_bytes(body), std::string(kBody) + message_id);
  return sealed;
}

Bytes stored_attributes(const SealingKey* key, const std::string& message_id, const MessageAttributes& attributes) {
  Bytes plain = encode_attributes(attributes);
  return key == nullptr || plain.empty() ? std::move(plain) : key->seal(plain, std::string(kAttributes) + message_id);
}

Result<std::string> read_body(const SealingKey* key, const std::string& message_id, ByteView stored) {
  if (!is_sealed(stored)) {
    return std::string(as_text(stored));
  }
  FACEPIPE_ASSIGN(const Bytes plain, open(key, kBody, message_id, stored));
  return std::string(as_text(plain));
}

Result<MessageAttributes> read_attributes(const SealingKey* key, const std::string& message_id, ByteView stored) {
  if (!is_sealed(stored)) {
    return decode_attributes(stored);
  }
  FACEPIPE_ASSIGN(const Bytes plain, open(key, kAttributes, message_id, stored));
  return decode_attributes(plain);
}

Result<Payload> read_payload(const SealingKey* key, const std::string& message_id, const sqlite::Statement& row,
                             int column) {
  const auto bad = [&](const std::string& what) {
    return Error{ErrorCode::kInvalidData, "queue store: message " + reason_text(message_id) + ": " + what};
  };
  if (!is_message_text(message_id) || message_id.empty()) {
    return bad("its id is damaged");
  }
  if (row.blob(column).empty()) {
    return bad("it has no body");
  }
  Payload payload;
  FACEPIPE_ASSIGN(payload.body, read_body(key, message_id, row.blob(column)));
  FACEPIPE_ASSIGN(payload.attributes, read_attributes(key, message_id, row.blob(column + 1)));
  if (payload.body.empty() || !is_message_text(payload.body)) {
    return bad("its body is not text that a message may have");
  }
  if (payload.attributes.size() > kMaxMessageAttributes) {
    return bad("it has more attributes than a message may have");
  }
  if (!std::ranges::all_of(payload.attributes, is_readable)) {
    return bad("an attribute is not one that a message may have");
  }
  return payload;
}

std::string unreadable_reason(const Error& error) {
  return reason_text(std::string(kUnreadableReason) + error.message);
}

Payload stand_in(const SealingKey* key, const std::string& message_id, ByteView attributes, const std::string& reason,
                 std::int64_t receive_count) {
  Payload payload;
  payload.body = R"({"facepipe":"the content of this message cannot be read"})";
  payload.attributes[std::string(kReasonAttribute)] = {"String", reason};
  payload.attributes[std::string(kReceiveCountAttribute)] = {"Number", std::to_string(receive_count)};
  if (auto own = read_attributes(key, message_id, attributes)) {
    for (const auto& attribute : *own) {
      if (is_readable(attribute) && payload.attributes.size() < kMaxMessageAttributes) {
        payload.attributes.insert(attribute);
      }
    }
  }
  return payload;
}

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
