// Tested by queue_store_key_test.cc
#include "queue/store/payload.h"

#include <utility>

#include "queue/store/attribute_codec.h"
#include "queue/store/dead_letters.h"
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

Result<Payload> read_payload(const SealingKey* key, const std::string& message_id, const Statement& row, int column) {
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
  for (const auto& [name, attribute] : payload.attributes) {
    if (name.empty() || !is_message_text(name) || !is_message_text(attribute.data_type) ||
        (!attribute.data_type.starts_with("Binary") && !is_message_text(attribute.value))) {
      return bad("an attribute is not one that a message may have");
    }
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
    for (auto& [name, attribute] : *own) {
      const bool text = !name.empty() && is_message_text(name) && is_message_text(attribute.data_type) &&
                        (attribute.data_type.starts_with("Binary") || is_message_text(attribute.value));
      if (text && payload.attributes.size() < kMaxMessageAttributes) {
        payload.attributes.try_emplace(name, std::move(attribute));
      }
    }
  }
  return payload;
}

}  // namespace facepipe::queue
