// Face work on one box: messages of the embedded queue, each settled with its answer in one
// transaction.
#pragma once

#include <memory>

#include "queue/store/queue_store.h"
#include "stage/recognition/face_work.h"

namespace facepipe::serve {

// Face work on two queues of one store. A crash repeats work but never an answer: of several workers that hold receipts
// of one message the first to complete it wins. Thread-safe; the store outlives it.
class EmbeddedFaceWork final : public stage::FaceWork {
 public:
  // Both queues exist.
  EmbeddedFaceWork(queue::QueueStore& store, std::string request_queue, std::string answer_queue);
  Result<std::vector<queue::ReceivedMessage>> receive(const queue::ReceiveOptions& options) override;
  std::vector<stage::CompletionResult> complete(std::span<const stage::Completion> completions) override;
  Status change_visibility(const std::string& receipt_handle, std::chrono::seconds timeout) override {
    return requests_->change_visibility(receipt_handle, timeout);
  }
  Status put_back(const queue::ReceivedMessage& message, std::chrono::seconds delay,
                  const std::string& reason) override;

 private:
  queue::QueueStore& store_;
  const std::string request_queue_;
  const std::string answer_queue_;
  const std::unique_ptr<queue::MessageQueue> requests_;
};

}  // namespace facepipe::serve
