// What table `payload` keeps of a message, encrypted where the store has a key. Each part is sealed under the message's
// id and its own name, so that no row's content can be put in another's place. A null key: as it is.
#pragma once

#include <cstdint>

#include "base/bytes.h"
#include "base/result.h"
#include "base/seal.h"
#include "queue/message.h"
#include "sqlite/sqlite.h"

namespace facepipe::queue {

// A view of `body`, or of `sealed`, which it fills.
[[nodiscard]] ByteView stored_body(const SealingKey* key, const std::string& message_id, std::string_view body,
                                   Bytes& sealed);
// No attributes are no bytes, with a key, too.
[[nodiscard]] Bytes stored_attributes(const SealingKey* key, const std::string& message_id,
                                      const MessageAttributes& attributes);
// The way back. What was stored without a key is read as it is. kInvalidData for bytes that were changed.
[[nodiscard]] Result<std::string> read_body(const SealingKey* key, const std::string& message_id, ByteView stored);
[[nodiscard]] Result<MessageAttributes> read_attributes(const SealingKey* key, const std::string& message_id,
                                                        ByteView stored);

// What a message holds, as a receiver gets it.
struct Payload {
  std::string body;
  MessageAttributes attributes;
};
// Both parts. `row`'s columns `column` and the next are body and attributes, NULL where table `payload` has none. Any
// error means that the message cannot be read: bytes that were changed or are another key's, no body, attributes that
// do not add up, text that no message may have. It never holds content.
[[nodiscard]] Result<Payload> read_payload(const SealingKey* key, const std::string& message_id,
                                           const sqlite::Statement& row, int column);

// "unreadable: " and why, as a reason of a dead letter.
[[nodiscard]] std::string unreadable_reason(const Error& error);
// What a receiver of a dead letter gets whose own content cannot be read: a body that says so, the attributes that can
// be read, and the reason. The row keeps what it holds.
[[nodiscard]] Payload stand_in(const SealingKey* key, const std::string& message_id, ByteView attributes,
                               const std::string& reason, std::int64_t receive_count);

// Message attributes as the store keeps them: for each attribute name, type and value, each as a 32-bit little-endian
// length and its bytes. None: no bytes. Every part is shorter than 4 GiB (validation.h's limits).
[[nodiscard]] Bytes encode_attributes(const MessageAttributes& attributes);
// kInvalidData for bytes that encode_attributes did not make.
[[nodiscard]] Result<MessageAttributes> decode_attributes(ByteView bytes);

}  // namespace facepipe::queue
