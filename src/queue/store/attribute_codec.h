// Message attributes as the store keeps them.
#pragma once

#include "base/bytes.h"
#include "base/result.h"
#include "queue/message.h"

namespace facepipe::queue {

// For each attribute name, type and value, each as a 32-bit little-endian length and its bytes. None: no bytes.
// Every part is shorter than 4 GiB (validation.h's limits).
[[nodiscard]] Bytes encode_attributes(const MessageAttributes& attributes);
// kInvalidData for bytes that encode_attributes did not make.
[[nodiscard]] Result<MessageAttributes> decode_attributes(ByteView bytes);

}  // namespace facepipe::queue
