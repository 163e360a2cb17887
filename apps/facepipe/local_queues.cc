#include <algorithm>
#include <system_error>
#include <utility>

#include "queue/store/interrupted_repair.h"
#include "queue/store/queue_store.h"
#include "queue_admin.h"

namespace facepipe::app {
namespace {

// Messages that one transaction moves: a kill between two leaves each message on one queue or the other.
constexpr std::int64_t kRedriveBatch = 1'000;
constexpr std::int64_t kPeekBatch = 100;  // bodies in memory at once are up to a megabyte each

class LocalQueues final : public QueueAdmin {
 public:
  explicit LocalQueues(std::unique_ptr<queue::QueueStore> store) : store_(std::move(store)) {}

  Result<std::vector<std::string>> names() override { return store_->list_queues(""); }

  Result<QueueCounts> counts(const std::string& name) override {
    FACEPIPE_ASSIGN(const queue::QueueStatistics statistics, store_->statistics(name));
    FACEPIPE_ASSIGN(const queue::QueueAttributes attributes, store_->attributes(name));
    return QueueCounts{statistics.visible, statistics.in_flight, statistics.delayed, statistics.oldest_sent_at,
                       attributes.dead_letter_queue};
  }

  Result<std::vector<queue::StoredMessage>> peek(const std::string& name, std::int64_t limit) override {
    std::vector<queue::StoredMessage> messages;
    while (std::cmp_less(messages.size(), limit)) {
      const auto skip = static_cast<std::int64_t>(messages.size());
      FACEPIPE_ASSIGN(std::vector<queue::StoredMessage> next,
                      store_->peek(name, skip, std::min(kPeekBatch, limit - skip)));
      if (next.empty()) {
        break;
      }
      std::move(next.begin(), next.end(), std::back_inserter(messages));
    }
    return messages;
  }

  Result<std::int64_t> redrive(const std::string& name, const std::string& target, std::int64_t limit) override {
    std::int64_t moved = 0;
    while (moved < limit) {
      FACEPIPE_ASSIGN(const std::int64_t now, store_->redrive(name, target, std::min(kRedriveBatch, limit - moved)));
      if (now == 0) {
        break;
      }
      moved += now;
    }
    return moved;
  }

  Status purge(const std::string& name) override { return store_->purge(name); }

 private:
  std::unique_ptr<queue::QueueStore> store_;
};

}  // namespace

Result<std::unique_ptr<QueueAdmin>> open_local_queues(const std::filesystem::path& data,
                                                      const std::optional<SealingKey>& key) {
  const std::filesystem::path file = data / "queues.db";
  FACEPIPE_TRY(queue::settle_interrupted_repair(file));
  std::error_code ignored;
  if (!std::filesystem::exists(file, ignored)) {
    return Error{ErrorCode::kNotFound,
                 file.string() + ": no such file (facepipe serve makes it; --data names its folder)"};
  }
  auto store = queue::QueueStore::open(file, {.key = key});
  if (!store && store.error().code == ErrorCode::kUnavailable) {
    return Error{ErrorCode::kUnavailable, store.error().message +
                                              " (a running facepipe serve, it seems: stop it, or use --endpoint with "
                                              "the address of its SQS port)"};
  }
  if (!store) {
    return store.error();
  }
  return std::unique_ptr<QueueAdmin>(std::make_unique<LocalQueues>(*std::move(store)));
}

}  // namespace facepipe::app
