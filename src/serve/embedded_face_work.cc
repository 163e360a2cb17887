// Tested by embedded_face_work_test.cc, and end to end by tests/e2e.
#include "serve/embedded_face_work.h"

#include "queue/queue_error.h"

namespace facepipe::serve {
namespace {

stage::CompletionResult to_result(const Status& status) {
  if (status) {
    return {};
  }
  const Error& error = status.error();
  switch (queue::queue_error_kind(error)) {
    case queue::QueueErrorKind::kMessageNotInflight:
    case queue::QueueErrorKind::kReceiptHandleIsInvalid:  // of a queue that was deleted and made anew
      return {stage::Settled::kGone, error};
    case queue::QueueErrorKind::kNone:
    case queue::QueueErrorKind::kQueueDoesNotExist:
      return {stage::Settled::kAway, error};
    default:
      return {stage::Settled::kRefused, error};
  }
}

}  // namespace

EmbeddedFaceWork::EmbeddedFaceWork(queue::QueueStore& store, std::string request_queue, std::string answer_queue)
    : store_(store),
      request_queue_(std::move(request_queue)),
      answer_queue_(std::move(answer_queue)),
      requests_(store.queue(request_queue_)) {}

Result<std::vector<queue::ReceivedMessage>> EmbeddedFaceWork::receive(const queue::ReceiveOptions& options) {
  queue::ReceiveOptions own = options;
  own.ends_with_process = true;
  return requests_->receive(own);
}

std::vector<stage::CompletionResult> EmbeddedFaceWork::complete(std::span<const stage::Completion> completions) {
  std::vector<queue::Completion> batch;
  batch.reserve(completions.size());
  for (const stage::Completion& completion : completions) {
    batch.push_back({completion.receipt_handle, completion.answer});
  }
  const auto settled = store_.complete_batch(request_queue_, answer_queue_, batch);
  std::vector<stage::CompletionResult> results;
  results.reserve(completions.size());
  for (std::size_t i = 0; i < completions.size(); ++i) {
    results.push_back(to_result(settled ? (*settled)[i] : Status(settled.error())));
  }
  return results;
}

Status EmbeddedFaceWork::put_back(const queue::ReceivedMessage& message, std::chrono::seconds delay,
                                  const std::string& reason) {
  const queue::VisibilityChange change{message.receipt_handle, delay, reason};
  FACEPIPE_ASSIGN(const std::vector<Status> results, store_.change_visibility_batch(request_queue_, {&change, 1}));
  return results.front();
}

}  // namespace facepipe::serve
