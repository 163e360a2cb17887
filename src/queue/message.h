// Messages as a queue holds them: pure data, in Amazon SQS's terms.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace facepipe::queue {

struct MessageAttribute {
  std::string data_type;  // "String", "Number" or "Binary", with an optional ".label"
  std::string value;      // text, or the raw bytes of a Binary
  friend bool operator==(const MessageAttribute&, const MessageAttribute&) = default;
};
using MessageAttributes = std::map<std::string, MessageAttribute>;  // at most 10

struct OutgoingMessage {
  std::string body;
  MessageAttributes attributes;
  std::optional<std::chrono::seconds> delay;  // 0..900 s; absent: the queue's own. Not on FIFO queues
  std::string group_id;                       // required on FIFO queues; fairness key on standard ones
  std::string deduplication_id;               // FIFO; empty: the body's SHA-256 where the queue says so
  std::string trace_header;                   // AWSTraceHeader
};

struct SentMessage {
  std::string message_id;
  std::optional<std::string> sequence_number;  // FIFO
};

struct ReceivedMessage {
  std::string message_id;
  std::string receipt_handle;  // names this receipt: needed to delete it or change its visibility
  std::string body;
  MessageAttributes attributes;
  int receive_count = 0;  // this receipt included
  Clock::TimePoint sent_at;
  Clock::TimePoint first_received_at;
  std::string group_id;
  std::string deduplication_id;
  std::string trace_header;
  std::optional<std::string> sequence_number;
  std::string dead_letter_source;  // name of the queue that moved it here; empty: it was sent here
};

// What a message was sent as, to send it to another queue. On a FIFO queue its own id keeps it from being sent twice.
[[nodiscard]] inline OutgoingMessage as_sent(const ReceivedMessage& message) {
  return {.body = message.body,
          .attributes = message.attributes,
          .delay = std::nullopt,
          .group_id = message.group_id,
          .deduplication_id = message.sequence_number ? message.message_id : "",
          .trace_header = message.trace_header};
}

struct ReceiveOptions {
  int max_messages = 1;                                    // 1..10
  std::chrono::seconds wait{0};                            // long poll, 0..20 s
  std::optional<std::chrono::seconds> visibility_timeout;  // absent: the queue's own
  // Of the embedded store, for receivers in its own process: what they hold when the process dies can be received at
  // the next opening at once, and the receipt does not count towards the dead-letter queue (up to 20 times a message).
  bool ends_with_process = false;
};

// A received message that is done: it is removed, and its answer is sent where there is one.
struct Completion {
  std::string receipt_handle;
  std::optional<OutgoingMessage> answer;
};

enum class MessageState { kVisible, kInFlight, kDelayed };

// A message as it lies on its queue, looked at without receiving it.
struct StoredMessage {
  std::string message_id;
  std::string body;
  MessageAttributes attributes;
  MessageState state = MessageState::kVisible;
  int receive_count = 0;
  Clock::TimePoint sent_at;
  std::string dead_letter_source;
  std::string failure;     // why it was put back last; empty: nobody said
  std::string unreadable;  // why its content cannot be read, beginning with kUnreadableReason: it has no body then
};

// Message attributes that a message gets when it moves to a dead-letter queue, where the ten of a message leave room.
inline constexpr std::string_view kReasonAttribute = "facepipe.reason";
inline constexpr std::string_view kReceiveCountAttribute = "facepipe.receive_count";
// Begins the reason of a message whose content cannot be read. It goes to its queue's dead letters at its first
// receipt, where it is received with a body that says so; where there are none it stays aside, and no receive gives it
// out.
inline constexpr std::string_view kUnreadableReason = "unreadable: ";
inline constexpr std::size_t kMaxReasonBytes = 1'000;

}  // namespace facepipe::queue
