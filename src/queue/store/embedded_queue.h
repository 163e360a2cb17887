// One queue of the embedded store as a MessageQueue.
#pragma once

#include <string>

#include "queue/message_queue.h"
#include "queue/store/embedded_store.h"

namespace facepipe::queue {

// Thread-safe; the store outlives it.
class EmbeddedQueue final : public MessageQueue {
 public:
  EmbeddedQueue(EmbeddedStore& store, std::string name) : store_(store), name_(std::move(name)) {}
  Result<SentMessage> send(const OutgoingMessage& message) override;
  Result<std::vector<Result<SentMessage>>> send_batch(std::span<const OutgoingMessage> messages) override;
  Result<std::vector<ReceivedMessage>> receive(const ReceiveOptions& options) override;
  Status remove(const std::string& receipt_handle) override;
  Result<std::vector<Status>> remove_batch(std::span<const std::string> receipt_handles) override;
  Status change_visibility(const std::string& receipt_handle, std::chrono::seconds timeout) override;

 private:
  EmbeddedStore& store_;
  std::string name_;
};

}  // namespace facepipe::queue
