// Tested by send_test.cc.
#include "pipeline/send.h"

#include <string>
#include <utility>

namespace facepipe::pipeline {
namespace {

// How many of the next messages make one batch: at least one, whatever its size.
std::size_t batch_size(std::span<const queue::OutgoingMessage> messages, std::size_t max_batch_bytes) {
  std::size_t count = 0;
  std::size_t bytes = 0;
  for (const queue::OutgoingMessage& message : messages) {
    bytes += message.body.size();
    if (count == queue::kMaxBatch || (count > 0 && bytes > max_batch_bytes)) {
      break;
    }
    ++count;
  }
  return count;
}

// False: the call failed whole.
bool send_batch(queue::MessageQueue& queue, std::span<const queue::OutgoingMessage> batch, SendOutcome& outcome) {
  const auto note = [&](const Error& error) {
    if (!outcome.first_error) {
      outcome.first_error = error;
    }
  };
  const auto results = queue.send_batch(batch);
  if (!results) {
    note(results.error());
    return false;
  }
  if (results->size() != batch.size()) {
    note(Error{ErrorCode::kInternal, "the queue gave " + std::to_string(results->size()) + " results for " +
                                         std::to_string(batch.size()) + " messages"});
    return false;
  }
  for (std::size_t i = 0; i < batch.size(); ++i) {
    if (!(*results)[i]) {
      if (const auto again = queue.send(batch[i]); !again) {
        note(again.error());
        continue;
      }
    }
    outcome.stored += 1;
  }
  return true;
}

}  // namespace

SendOutcome send_all(queue::MessageQueue& queue, std::span<const queue::OutgoingMessage> messages,
                     std::size_t max_batch_bytes) {
  SendOutcome outcome;
  while (!messages.empty()) {
    const std::size_t count = batch_size(messages, max_batch_bytes);
    if (!send_batch(queue, messages.first(count), outcome)) {
      break;
    }
    messages = messages.subspan(count);
  }
  return outcome;
}

}  // namespace facepipe::pipeline
