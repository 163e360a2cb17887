// Sends any number of messages to a queue in as few calls as its limits allow.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "queue/message_queue.h"
#include "wire/messages.h"

namespace facepipe::wire {

struct SendOutcome {
  std::size_t stored = 0;            // messages that the queue has
  std::optional<Error> first_error;  // absent: all of them
};

// Batches of at most queue::kMaxBatch messages and `max_batch_bytes` of bodies, in order; one result a message. A
// message that its batch did not store is sent once more alone. A call that failed whole ends the work: the messages
// after it are not sent, and have its error too.
[[nodiscard]] std::vector<Status> send_each(queue::MessageQueue& queue,
                                            std::span<const queue::OutgoingMessage> messages,
                                            std::size_t max_batch_bytes);

// The same, summed up.
[[nodiscard]] SendOutcome send_all(queue::MessageQueue& queue, std::span<const queue::OutgoingMessage> messages,
                                   std::size_t max_batch_bytes);

// What an answer takes along from the message that it answers.
struct AnswerContext {
  bool fifo = false;         // of the response queue
  std::string group_id;      // of the face message
  std::string trace_header;  // of the face message
  // What is answered, of a FIFO queue alone: the face message's body, or the frame's key. Only looked at.
  std::string_view answered = {};
};
// The message that carries an answer. On a FIFO response queue its group is that of the face message, or the digest of
// the request id where that has none (ids may hold what a group cannot), and its deduplication id is made of request
// id, face index and what is answered, so that the queue itself drops an answer that is sent twice within five minutes,
// and keeps that of another picture under the same id.
[[nodiscard]] queue::OutgoingMessage answer_message(const Answer& answer, const AnswerContext& context);

}  // namespace facepipe::wire
