// Tested by send_test.cc.
#include "wire/send.h"

#include "base/hash.h"
#include "wire/queue_fields.h"

namespace facepipe::wire {
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

// One result a message; the outer error is of a call that failed whole.
Result<std::vector<Status>> send_batch(queue::MessageQueue& queue, std::span<const queue::OutgoingMessage> batch) {
  FACEPIPE_ASSIGN(const auto results, queue.send_batch(batch));
  if (results.size() != batch.size()) {
    return Error{ErrorCode::kInternal, "the queue gave " + std::to_string(results.size()) + " results for " +
                                           std::to_string(batch.size()) + " messages"};
  }
  std::vector<Status> statuses(batch.size());
  for (std::size_t i = 0; i < batch.size(); ++i) {
    if (!results[i]) {
      if (const auto again = queue.send(batch[i]); !again) {
        statuses[i] = again.error();
      }
    }
  }
  return statuses;
}

}  // namespace

std::vector<Status> send_each(queue::MessageQueue& queue, std::span<const queue::OutgoingMessage> messages,
                              std::size_t max_batch_bytes) {
  std::vector<Status> statuses;
  statuses.reserve(messages.size());
  while (!messages.empty()) {
    const std::size_t count = batch_size(messages, max_batch_bytes);
    const auto sent = send_batch(queue, messages.first(count));
    if (!sent) {
      statuses.insert(statuses.end(), messages.size(), sent.error());
      break;
    }
    statuses.insert(statuses.end(), sent->begin(), sent->end());
    messages = messages.subspan(count);
  }
  return statuses;
}

SendOutcome send_all(queue::MessageQueue& queue, std::span<const queue::OutgoingMessage> messages,
                     std::size_t max_batch_bytes) {
  SendOutcome outcome;
  for (const Status& status : send_each(queue, messages, max_batch_bytes)) {
    if (status) {
      outcome.stored += 1;
    } else if (!outcome.first_error) {
      outcome.first_error = status.error();
    }
  }
  return outcome;
}

queue::OutgoingMessage answer_message(const Answer& answer, const AnswerContext& context) {
  queue::OutgoingMessage message;
  message.body = to_json(answer);
  message.trace_header = usable_trace_header(context.trace_header);
  if (context.fifo) {
    message.group_id = group_or_digest(context.group_id, answer.request_id);
    message.deduplication_id = sha256_hex(as_bytes(answer.request_id + "\n" + std::to_string(answer.face_index) + "\n" +
                                                   sha256_hex(as_bytes(context.answered))));
  }
  return message;
}

}  // namespace facepipe::wire
