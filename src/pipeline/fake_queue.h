// A queue in memory for this module's tests: records what is sent, and fails as told.
#pragma once

#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "queue/message_queue.h"

namespace facepipe::pipeline {

class FakeQueue final : public queue::MessageQueue {
 public:
  // Error of one message, asked for every message of a batch (in_batch) and for every message sent alone.
  std::function<std::optional<Error>(const queue::OutgoingMessage& message, bool in_batch)> message_error;
  std::optional<Error> batch_error;            // of a whole send_batch call
  std::vector<queue::OutgoingMessage> stored;  // in order
  std::vector<std::size_t> batches;            // sizes of the send_batch calls
  std::size_t sent_alone = 0;                  // send calls

  Result<queue::SentMessage> send(const queue::OutgoingMessage& message) override {
    const std::scoped_lock lock(mutex_);
    ++sent_alone;
    return store(message, false);
  }
  Result<std::vector<Result<queue::SentMessage>>> send_batch(
      std::span<const queue::OutgoingMessage> messages) override {
    const std::scoped_lock lock(mutex_);
    batches.push_back(messages.size());
    if (batch_error) {
      return *batch_error;
    }
    std::vector<Result<queue::SentMessage>> results;
    for (const auto& message : messages) {
      results.push_back(store(message, true));
    }
    return results;
  }
  Result<std::vector<queue::ReceivedMessage>> receive(const queue::ReceiveOptions&) override { return unused(); }
  Status remove(const std::string&) override { return unused(); }
  Result<std::vector<Status>> remove_batch(std::span<const std::string>) override { return unused(); }
  Status change_visibility(const std::string&, std::chrono::seconds) override { return unused(); }

 private:
  static Error unused() { return Error{ErrorCode::kInternal, "the senders' tests do not receive"}; }
  Result<queue::SentMessage> store(const queue::OutgoingMessage& message, bool in_batch) {
    if (auto error = message_error ? message_error(message, in_batch) : std::nullopt; error) {
      return *error;
    }
    stored.push_back(message);
    return queue::SentMessage{std::to_string(stored.size()), "", {}};
  }
  std::mutex mutex_;
};

}  // namespace facepipe::pipeline
