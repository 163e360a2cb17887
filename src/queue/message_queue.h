// The port between the pipeline's stages: one queue, embedded or remote, with Amazon SQS's semantics (at-least-once
// delivery, visibility timeout). Both implementations pass one conformance suite (tests/conformance).
#pragma once

#include <chrono>
#include <span>
#include <vector>

#include "base/result.h"
#include "queue/message.h"

namespace facepipe::queue {

inline constexpr std::size_t kMaxBatch = 10;

// Thread-safe.
class MessageQueue {
 public:
  virtual ~MessageQueue() = default;
  // Success: the message is stored durably.
  [[nodiscard]] virtual Result<SentMessage> send(const OutgoingMessage& message) = 0;
  // 1..10 messages; one result each, in order. The outer error is for a call that failed whole.
  [[nodiscard]] virtual Result<std::vector<Result<SentMessage>>> send_batch(
      std::span<const OutgoingMessage> messages) = 0;
  // Blocks up to options.wait while the queue is empty; then an empty vector. A message stays hidden from other
  // receivers for the visibility timeout.
  [[nodiscard]] virtual Result<std::vector<ReceivedMessage>> receive(const ReceiveOptions& options) = 0;
  // Done with the message. A handle of an earlier receipt is accepted, as SQS does on a standard queue.
  [[nodiscard]] virtual Status remove(const std::string& receipt_handle) = 0;
  // 1..10 handles; one result each, in order.
  [[nodiscard]] virtual Result<std::vector<Status>> remove_batch(std::span<const std::string> receipt_handles) = 0;
  // 0 s makes it visible at once.
  [[nodiscard]] virtual Status change_visibility(const std::string& receipt_handle, std::chrono::seconds timeout) = 0;
};

}  // namespace facepipe::queue
