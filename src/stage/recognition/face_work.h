// The port of the recognition stage: where its messages come from, and how they are done.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "queue/message.h"

namespace facepipe::stage {

// A message that is to be done: its answer is sent, then it is removed. Without an answer it is only removed.
struct Completion {
  std::string receipt_handle;
  std::optional<queue::OutgoingMessage> answer;
  // For whoever planned it (settle.h): which message of the batch it completes, and whether the answer is an error.
  std::size_t message = 0;
  bool is_error = false;
};

enum class Settled {
  kDone,
  kAnswered,  // the answer is sent, but the message could not be removed: it will come again
  kGone,      // somebody else completed it; nothing of ours was sent
  kRefused,   // the answer can never be sent
  kAway,      // a queue is away or refuses everybody: the same may succeed later
};
struct CompletionResult {
  Settled settled = Settled::kDone;
  std::optional<Error> error;  // of all but kDone
};

// Thread-safe.
class FaceWork {
 public:
  virtual ~FaceWork() = default;
  // As MessageQueue::receive.
  [[nodiscard]] virtual Result<std::vector<queue::ReceivedMessage>> receive(const queue::ReceiveOptions& options) = 0;
  // 1..10 completions; one result each, in order. Answers are sent in that order. A message is removed only after its
  // answer was stored.
  [[nodiscard]] virtual std::vector<CompletionResult> complete(std::span<const Completion> completions) = 0;
  // As MessageQueue::change_visibility.
  [[nodiscard]] virtual Status change_visibility(const std::string& receipt_handle, std::chrono::seconds timeout) = 0;
  // A message whose work failed: it comes again after `delay`, or goes to the dead-letter queue if this was its last
  // try. `reason` is for whoever finds it there; it holds no payload.
  [[nodiscard]] virtual Status put_back(const queue::ReceivedMessage& message, std::chrono::seconds delay,
                                        const std::string& reason) = 0;
};

}  // namespace facepipe::stage
