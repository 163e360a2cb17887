// Single calls as batches of one, and the blocking receive. Tested by embedded_queue_test.cc
#include "queue/store/embedded_queue.h"

#include <algorithm>

namespace facepipe::queue {
namespace {

using Milliseconds = std::chrono::milliseconds;

// A hidden message whose time has come but that cannot be served (its FIFO group is locked) must not make a busy loop.
constexpr Milliseconds kShortestWait{5};

}  // namespace

Result<SentMessage> EmbeddedQueue::send(const OutgoingMessage& message) {
  FACEPIPE_ASSIGN(std::vector<Result<SentMessage>> results, store_.send_batch(name_, std::span(&message, 1)));
  return std::move(results.front());
}

Result<std::vector<Result<SentMessage>>> EmbeddedQueue::send_batch(std::span<const OutgoingMessage> messages) {
  return store_.send_batch(name_, messages);
}

Result<std::vector<ReceivedMessage>> EmbeddedQueue::receive(const ReceiveOptions& options) {
  // The steady clock bounds the call; the store's clock only says how far off the next hidden message is.
  const auto deadline = std::chrono::steady_clock::now() + options.wait;
  while (true) {
    const std::uint64_t seen = store_.commits(name_);  // before looking: a commit in between is not missed
    FACEPIPE_ASSIGN(std::vector<ReceivedMessage> messages, store_.receive_now(name_, options));
    auto left = std::chrono::ceil<Milliseconds>(deadline - std::chrono::steady_clock::now());
    if (!messages.empty() || left <= Milliseconds::zero()) {
      return messages;
    }
    FACEPIPE_ASSIGN(const std::optional<Milliseconds> next, store_.next_visible_in(name_));
    if (next) {
      left = std::min(left, std::max(*next, kShortestWait));
    }
    store_.wait_for_commit(name_, seen, left);
  }
}

Status EmbeddedQueue::remove(const std::string& receipt_handle) {
  FACEPIPE_ASSIGN(const std::vector<Status> results, store_.remove_batch(name_, std::span(&receipt_handle, 1)));
  return results.front();
}

Result<std::vector<Status>> EmbeddedQueue::remove_batch(std::span<const std::string> receipt_handles) {
  return store_.remove_batch(name_, receipt_handles);
}

Status EmbeddedQueue::change_visibility(const std::string& receipt_handle, std::chrono::seconds timeout) {
  const QueueStore::VisibilityChange change{receipt_handle, timeout};
  FACEPIPE_ASSIGN(const std::vector<Status> results, store_.change_visibility_batch(name_, std::span(&change, 1)));
  return results.front();
}

}  // namespace facepipe::queue
