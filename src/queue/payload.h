// What table `payload` keeps of a message, encrypted where the store has a key. Each part is sealed under the message's
// id and its own name, so that no row's content can be put in another's place. A null key: as it is.
#pragma once

#include <string>

#include "base/bytes.h"
#include "base/result.h"
#include "base/seal.h"
#include "queue/message.h"

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

}  // namespace facepipe::queue
