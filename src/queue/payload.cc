// Tested by queue_store_key_test.cc
#include "queue/payload.h"

#include <utility>

#include "queue/attribute_codec.h"

namespace facepipe::queue {
namespace {

constexpr std::string_view kBody = "body ";
constexpr std::string_view kAttributes = "attributes ";

Bytes close(const SealingKey* key, std::string_view part, const std::string& message_id, ByteView plain) {
  return key == nullptr ? to_bytes(plain) : key->seal(plain, std::string(part) + message_id);
}

// A body cannot begin like sealed bytes: it is text without U+0000 (validation.h). Nor can attributes: their first
// number is the length of a name, at most 256.
Result<Bytes> open(const SealingKey* key, std::string_view part, const std::string& message_id, ByteView stored) {
  if (!is_sealed(stored)) {
    return to_bytes(stored);
  }
  if (key == nullptr) {
    return Error{ErrorCode::kInvalidData, "queue store: an encrypted message in a store without a key"};
  }
  Result<Bytes> opened = key->open(stored, std::string(part) + message_id);
  return opened ? std::move(opened) : opened.error().with_context("queue store: message " + message_id);
}

}  // namespace

Bytes stored_body(const SealingKey* key, const std::string& message_id, std::string_view body) {
  return close(key, kBody, message_id, as_bytes(body));
}

Bytes stored_attributes(const SealingKey* key, const std::string& message_id, const MessageAttributes& attributes) {
  return attributes.empty() ? Bytes{} : close(key, kAttributes, message_id, encode_attributes(attributes));
}

Result<std::string> read_body(const SealingKey* key, const std::string& message_id, ByteView stored) {
  FACEPIPE_ASSIGN(const Bytes plain, open(key, kBody, message_id, stored));
  return std::string(as_text(plain));
}

Result<MessageAttributes> read_attributes(const SealingKey* key, const std::string& message_id, ByteView stored) {
  FACEPIPE_ASSIGN(const Bytes plain, open(key, kAttributes, message_id, stored));
  return decode_attributes(plain);
}

}  // namespace facepipe::queue
