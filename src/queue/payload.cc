// Tested by queue_store_key_test.cc
#include "queue/payload.h"

#include <utility>

#include "queue/attribute_codec.h"

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
  Result<Bytes> opened = key->open(stored, std::string(part) + message_id);
  return opened ? std::move(opened) : opened.error().with_context("queue store: message " + message_id);
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

}  // namespace facepipe::queue
