// Face work on two queues that share no transaction: Amazon SQS, or any server that speaks its API.
#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <vector>

#include "queue/message_queue.h"
#include "stage/recognition/face_work.h"

namespace facepipe::stage {

inline constexpr std::size_t kMaxAnswerBatchBytes = 1'048'576;  // SQS's limit of one batch

// Sends the answers of `completions`, in order and in batches of at most `max_batch_bytes`; one that its batch did not
// store is sent once more alone. One result a completion: kDone (or nothing to send), kRefused or kAway.
[[nodiscard]] std::vector<CompletionResult> send_answers(queue::MessageQueue& answers,
                                                         std::span<const Completion> completions,
                                                         std::size_t max_batch_bytes = kMaxAnswerBatchBytes);

struct QueuePairOptions {
  std::size_t max_batch_bytes = kMaxAnswerBatchBytes;
  // Where a message goes whose work failed at its `max_receives`th receipt, with the reason as an attribute, which a
  // redrive policy cannot add. Null: the queue's own redrive policy sees to it. Outlives the pair.
  queue::MessageQueue* dead_letters = nullptr;
  int max_receives = 5;
  // Told why a message could not be moved there, or not be removed once it was there: it is tried again like any other.
  // May be empty.
  std::function<void(const Error&)> not_moved = {};
};

// Answers go out first, in batches within the limits; only the messages whose answer was stored are removed, so a crash
// in between repeats an answer and loses none. What failed alone in a batch is tried once more alone, answers and
// removals alike. Thread-safe; both queues outlive it.
class QueuePair final : public FaceWork {
 public:
  QueuePair(queue::MessageQueue& requests, queue::MessageQueue& answers, const QueuePairOptions& options = {})
      : requests_(requests), answers_(answers), options_(options) {}
  Result<std::vector<queue::ReceivedMessage>> receive(const queue::ReceiveOptions& options) override {
    return requests_.receive(options);
  }
  std::vector<CompletionResult> complete(std::span<const Completion> completions) override;
  Status change_visibility(const std::string& receipt_handle, std::chrono::seconds timeout) override {
    return requests_.change_visibility(receipt_handle, timeout);
  }
  // A message that is moved is sent to the dead-letter queue first and removed then: a crash in between leaves it on
  // both.
  Status put_back(const queue::ReceivedMessage& message, std::chrono::seconds delay,
                  const std::string& reason) override;

 private:
  [[nodiscard]] Status move_to_dead_letters(const queue::ReceivedMessage& message, const std::string& reason);
  void remove_done(std::span<const Completion> completions, std::vector<CompletionResult>& results);

  queue::MessageQueue& requests_;
  queue::MessageQueue& answers_;
  const QueuePairOptions options_;
};

}  // namespace facepipe::stage
