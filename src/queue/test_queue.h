// A queue in memory for tests: records what is sent, hands out what it was given, and fails as told.
#pragma once

#include <chrono>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "queue/message_queue.h"

namespace facepipe::queue {

// Thread-safe, but for its public members: those are set and read while no other thread uses the queue.
class FakeQueue final : public queue::MessageQueue {
 public:
  // --- sending
  // Error of one message, asked for every message of a batch (in_batch) and for every message sent alone.
  std::function<std::optional<Error>(const queue::OutgoingMessage& message, bool in_batch)> message_error;
  std::optional<Error> batch_error;                       // of a whole send_batch call
  std::function<std::optional<Error>()> batch_error_now;  // the same, asked at every call
  std::vector<queue::OutgoingMessage> stored;             // in order
  std::vector<std::size_t> batches;                       // sizes of the send_batch calls
  std::size_t sent_alone = 0;                             // send calls
  // --- receiving; each is asked at every call
  std::function<std::optional<Error>()> receive_error;
  std::function<std::optional<Error>(const std::string& receipt_handle, bool in_batch)> remove_error;
  std::function<std::optional<Error>(const std::string& receipt_handle)> visibility_error;
  std::vector<std::string> removed;  // bodies
  std::vector<std::pair<std::string, std::chrono::seconds>>
      visibilities;  // bodies and time-outs, in order of the calls

  // Runs `look` while no call changes anything.
  template <typename Look>
  auto locked(Look look) const {
    const std::scoped_lock lock(mutex_);
    return look();
  }
  // Puts a message on the queue as if it had been sent.
  void put(std::string body, std::string group_id = {}, bool fifo = false) {
    const std::scoped_lock lock(mutex_);
    queue::ReceivedMessage message;
    message.message_id = "m" + std::to_string(++next_id_);
    message.body = std::move(body);
    message.group_id = std::move(group_id);
    if (fifo) {
      message.sequence_number = std::to_string(next_id_);
    }
    waiting_.push_back(std::move(message));
  }
  // The visibility time-out of everything that is hidden passes.
  void return_hidden() {
    const std::scoped_lock lock(mutex_);
    for (auto& [receipt, message] : hidden_) {
      waiting_.push_back(std::move(message));
    }
    hidden_.clear();
  }
  [[nodiscard]] std::size_t waiting() const {
    return locked([&] { return waiting_.size(); });
  }
  [[nodiscard]] std::size_t hidden() const {
    return locked([&] { return hidden_.size(); });
  }
  [[nodiscard]] std::size_t receive_calls() const {
    return locked([&] { return receive_calls_; });
  }

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
    if (auto error = batch_error_now ? batch_error_now() : std::nullopt; error) {
      return *error;
    }
    std::vector<Result<queue::SentMessage>> results;
    for (const auto& message : messages) {
      results.push_back(store(message, true));
    }
    return results;
  }
  // Of an empty queue: after 2 ms, whatever options.wait says.
  Result<std::vector<queue::ReceivedMessage>> receive(const queue::ReceiveOptions& options) override {
    std::vector<queue::ReceivedMessage> received;
    {
      const std::scoped_lock lock(mutex_);
      ++receive_calls_;
      if (auto error = receive_error ? receive_error() : std::nullopt; error) {
        return *error;
      }
      while (!waiting_.empty() && received.size() < static_cast<std::size_t>(options.max_messages)) {
        queue::ReceivedMessage message = std::move(waiting_.front());
        waiting_.pop_front();
        message.receive_count += 1;
        message.receipt_handle = message.message_id + "/" + std::to_string(message.receive_count);
        received.push_back(message);
        hidden_[message.receipt_handle] = std::move(message);
      }
    }
    if (received.empty()) {
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
    return received;
  }
  Status remove(const std::string& receipt_handle) override {
    const std::scoped_lock lock(mutex_);
    return remove_one(receipt_handle, false);
  }
  Result<std::vector<Status>> remove_batch(std::span<const std::string> receipt_handles) override {
    const std::scoped_lock lock(mutex_);
    std::vector<Status> results;
    for (const std::string& handle : receipt_handles) {
      results.push_back(remove_one(handle, true));
    }
    return results;
  }
  Status change_visibility(const std::string& receipt_handle, std::chrono::seconds timeout) override {
    const std::scoped_lock lock(mutex_);
    if (auto error = visibility_error ? visibility_error(receipt_handle) : std::nullopt; error) {
      return *error;
    }
    const auto found = hidden_.find(receipt_handle);
    if (found == hidden_.end()) {
      return Error{ErrorCode::kNotFound, "not in flight"};
    }
    visibilities.emplace_back(found->second.body, timeout);
    if (timeout == std::chrono::seconds{0}) {
      waiting_.push_back(std::move(found->second));
      hidden_.erase(found);
    }
    return {};
  }

 private:
  Result<queue::SentMessage> store(const queue::OutgoingMessage& message, bool in_batch) {
    if (auto error = message_error ? message_error(message, in_batch) : std::nullopt; error) {
      return *error;
    }
    stored.push_back(message);
    return queue::SentMessage{std::to_string(stored.size()), {}};
  }
  Status remove_one(const std::string& receipt_handle, bool in_batch) {
    if (auto error = remove_error ? remove_error(receipt_handle, in_batch) : std::nullopt; error) {
      return *error;
    }
    if (const auto found = hidden_.find(receipt_handle); found != hidden_.end()) {
      removed.push_back(found->second.body);
      hidden_.erase(found);
    }
    return {};
  }

  mutable std::mutex mutex_;
  std::deque<queue::ReceivedMessage> waiting_;
  std::map<std::string, queue::ReceivedMessage> hidden_;  // by receipt handle
  std::size_t receive_calls_ = 0;
  int next_id_ = 0;
};

}  // namespace facepipe::queue
