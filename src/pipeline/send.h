// Sends any number of messages to a queue in as few calls as its limits allow.
#pragma once

#include <cstddef>
#include <optional>
#include <span>

#include "base/result.h"
#include "queue/message_queue.h"

namespace facepipe::pipeline {

struct SendOutcome {
  std::size_t stored = 0;            // messages that the queue has
  std::optional<Error> first_error;  // absent: all of them
};

// Batches of at most queue::kMaxBatch messages and `max_batch_bytes` of bodies, in order. A message that its batch did
// not store is sent once more alone. A call that failed whole ends the work: the messages after it are not sent.
[[nodiscard]] SendOutcome send_all(queue::MessageQueue& queue, std::span<const queue::OutgoingMessage> messages,
                                   std::size_t max_batch_bytes);

}  // namespace facepipe::pipeline
