// One queue of the store as a port: single calls as batches of one, and the blocking receive. Tested by
// store_queue_test.cc
#include <algorithm>

#include "queue/message_queue.h"
#include "queue/store/queue_store.h"
#include "queue/store/store_engine.h"

namespace facepipe::queue {
namespace {

using Milliseconds = std::chrono::milliseconds;

// A hidden message whose time has come but that cannot be served (its FIFO group is locked) must not make a busy loop.
constexpr Milliseconds kShortestWait{5};

class StoreQueue final : public MessageQueue {
 public:
  StoreQueue(QueueStore& store, StoreEngine& engine, std::string name)
      : store_(store), engine_(engine), name_(std::move(name)) {}

  Result<SentMessage> send(const OutgoingMessage& message) override {
    FACEPIPE_ASSIGN(std::vector<Result<SentMessage>> results, store_.send_batch(name_, std::span(&message, 1)));
    return std::move(results.front());
  }

  Result<std::vector<Result<SentMessage>>> send_batch(std::span<const OutgoingMessage> messages) override {
    return store_.send_batch(name_, messages);
  }

  Result<std::vector<ReceivedMessage>> receive(const ReceiveOptions& options) override {
    // The steady clock bounds the call; the store's clock only says how far off the next hidden message is.
    const auto deadline = std::chrono::steady_clock::now() + options.wait;
    while (true) {
      const std::uint64_t seen = engine_.commits(name_);  // before looking: a commit in between is not missed
      FACEPIPE_ASSIGN(std::vector<ReceivedMessage> messages, store_.receive_now(name_, options));
      auto left = std::chrono::ceil<Milliseconds>(deadline - std::chrono::steady_clock::now());
      if (!messages.empty() || left <= Milliseconds::zero()) {
        return messages;
      }
      FACEPIPE_ASSIGN(const std::optional<Milliseconds> next, store_.next_visible_in(name_));
      if (next) {
        left = std::min(left, std::max(*next, kShortestWait));
      }
      engine_.wait_for_commit(name_, seen, left);
    }
  }

  Status remove(const std::string& receipt_handle) override {
    FACEPIPE_ASSIGN(const std::vector<Status> results, store_.remove_batch(name_, std::span(&receipt_handle, 1)));
    return results.front();
  }

  Result<std::vector<Status>> remove_batch(std::span<const std::string> receipt_handles) override {
    return store_.remove_batch(name_, receipt_handles);
  }

  Status change_visibility(const std::string& receipt_handle, std::chrono::seconds timeout) override {
    const VisibilityChange change{receipt_handle, timeout};
    FACEPIPE_ASSIGN(const std::vector<Status> results, store_.change_visibility_batch(name_, std::span(&change, 1)));
    return results.front();
  }

 private:
  QueueStore& store_;
  StoreEngine& engine_;
  const std::string name_;
};

}  // namespace

std::unique_ptr<MessageQueue> QueueStore::queue(const std::string& name) {
  return std::make_unique<StoreQueue>(*this, *engine_, name);
}

}  // namespace facepipe::queue
