// Amazon SQS's rules for names, bodies, attributes and settings. Pure; all functions are thread-safe.
// Sources: the SQS API reference (SendMessage, CreateQueue, SetQueueAttributes) and the developer guide's quota pages.
#pragma once

#include <cstddef>

#include "base/result.h"
#include "queue/message.h"
#include "queue/queue_attributes.h"

namespace facepipe::queue {

inline constexpr std::size_t kMaxMessageBytes = 1'048'576;  // also of a batch as a whole
inline constexpr std::size_t kMaxMessageAttributes = 10;
inline constexpr std::size_t kMaxQueueNameLength = 80;
inline constexpr std::size_t kMaxIdLength = 128;  // message group and deduplication ids

// Valid UTF-8 of #x9 #xA #xD #x20-#xD7FF #xE000-#xFFFD #x10000-#x10FFFF only.
[[nodiscard]] bool is_message_text(std::string_view text);

// The text with U+FFFD for every byte of what is_message_text does not take.
[[nodiscard]] std::string to_message_text(std::string_view text);

// `reason` as an attribute's value can hold it: cut to kMaxReasonBytes, characters that no message may have as '?'.
[[nodiscard]] std::string reason_text(std::string_view reason);

// Body plus every attribute's name, type and value: what the limits count.
[[nodiscard]] std::size_t message_bytes(const OutgoingMessage& message);

// Everything about a message that does not depend on its queue. kMissingParameter (empty body), kInvalidMessageContents
// (characters), kInvalidParameter (attributes, delay, ids), kMessageTooLong.
[[nodiscard]] Status validate_message(const OutgoingMessage& message);

// What depends on the queue: its size limit, group and deduplication ids, the delay.
[[nodiscard]] Status validate_for_queue(const OutgoingMessage& message, const QueueAttributes& queue);

// Of a queue's name, and of its URL or ARN, which end with the name.
[[nodiscard]] bool is_fifo_name(std::string_view name);

// 1..80 of A-Z a-z 0-9 - _, with the suffix ".fifo" exactly if `fifo`. kInvalidParameter.
[[nodiscard]] Status validate_queue_name(std::string_view name, bool fifo);

// The ranges that queue_attributes.h states. kInvalidAttributeValue names the attribute in SQS's spelling.
[[nodiscard]] Status validate_queue_attributes(const QueueAttributes& attributes);

// 1..10 messages, 0..20 s, 0..43200 s. kInvalidParameter.
[[nodiscard]] Status validate_receive(const ReceiveOptions& options);

// 0..43200 s. kInvalidParameter.
[[nodiscard]] Status validate_visibility_timeout(std::chrono::seconds timeout);

// kEmptyBatchRequest or kTooManyEntriesInBatchRequest outside 1..10.
[[nodiscard]] Status validate_batch_size(std::size_t entries);

}  // namespace facepipe::queue
