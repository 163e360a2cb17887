// QueueStore's implementation: operations wrapped for the committer, listeners, upkeep.
#pragma once

#include <array>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>

#include "base/seal.h"
#include "queue/store/committer.h"
#include "queue/store/queue_rows.h"
#include "queue/store/queue_store.h"
#include "queue/store/receipt.h"
#include "queue/store/room.h"
#include "queue/store/sqlite.h"
#include "queue/store/store_clock.h"
#include "queue/store/transaction.h"

namespace facepipe::queue {

class EmbeddedStore final : public QueueStore {
 public:
  struct Opened {
    LogRoom room;
    std::unique_ptr<Database> database;
    Status health;
    PutAside on_put_aside;
  };
  EmbeddedStore(Opened opened, Bytes receipt_key, std::optional<SealingKey> key, StoreClock clock);
  ~EmbeddedStore() override;

  Status create_queue(const std::string& name, const QueueAttributes& attributes) override;
  Status delete_queue(const std::string& name) override;
  Result<QueueAttributes> attributes(const std::string& name) override;
  Status set_attributes(const std::string& name, const QueueAttributes& attributes) override;
  Result<QueueStatistics> statistics(const std::string& name) override;
  Result<std::vector<std::string>> list_queues(const std::string& prefix) override;
  Result<std::vector<std::string>> dead_letter_sources(const std::string& name) override;
  Status purge(const std::string& name) override;
  Result<QueueTags> tags(const std::string& name) override;
  Status change_tags(const std::string& name, const QueueTags& set, std::span<const std::string> removed) override;

  Result<std::vector<Result<SentMessage>>> send_batch(const std::string& name,
                                                      std::span<const OutgoingMessage> messages) override;
  Result<std::vector<ReceivedMessage>> receive_now(const std::string& name, const ReceiveOptions& options) override;
  Result<std::vector<Status>> remove_batch(const std::string& name,
                                           std::span<const std::string> receipt_handles) override;
  Result<std::vector<Status>> change_visibility_batch(const std::string& name,
                                                      std::span<const VisibilityChange> changes) override;
  Status complete(const std::string& name, const std::string& receipt_handle, const std::string& answer_queue,
                  std::span<const OutgoingMessage> answers) override;
  Result<std::vector<Status>> complete_batch(const std::string& name, const std::string& answer_queue,
                                             std::span<const Completion> completions) override;

  Status put_back(const std::string& name, const std::string& receipt_handle, std::chrono::seconds timeout,
                  const std::string& reason) override;
  Result<std::optional<int>> find_frame(const std::string& key) override;
  Result<int> send_frame(const FrameMessages& frame) override;
  Result<std::vector<StoredMessage>> peek(const std::string& name, std::int64_t skip, std::int64_t limit) override;
  Result<std::int64_t> redrive(const std::string& name, const std::string& target, std::int64_t limit) override;
  Status health() override;

  int add_listener(Listener listener) override;
  void remove_listener(int id) override;
  Result<std::optional<std::chrono::milliseconds>> next_visible_in(const std::string& name) override;
  std::unique_ptr<MessageQueue> queue(const std::string& name) override;

  static constexpr std::size_t kCommitSlots = 64;
  // What a blocking receive waits for: the number of commits so far that touched the queue, and until it is another.
  [[nodiscard]] std::uint64_t commits(const std::string& name);
  void wait_for_commit(const std::string& name, std::uint64_t seen, std::chrono::milliseconds at_most);

 private:
  // Where there is no space the spare pages go to the operation, unless it is one that stores (room.h).
  enum class Need { kSpare, kStores };
  template <typename T>
  Result<T> compute(const std::function<Result<T>(const Transaction&)>& work, Need need = Need::kSpare) {
    std::optional<Result<T>> result;
    FACEPIPE_TRY(execute(
        [&]() -> Status {
          result.emplace(work(transaction()));
          if (!*result) {
            return result->error();
          }
          return {};
        },
        need));
    return *std::move(result);
  }
  Status apply(const std::function<Status(const Transaction&)>& work);
  Status execute(const Committer::Operation& operation, Need need = Need::kSpare);
  [[nodiscard]] Transaction transaction();
  void tell_listeners();
  void follow_clock();
  void maintain();
  Status sweep(bool frugal);
  void set_health(Status health);

  LogRoom room_;  // first: it is given up when the file is closed
  std::unique_ptr<Database> database_;
  const ReceiptSigner receipts_;
  const std::optional<SealingKey> key_;
  const PutAside on_put_aside_;

  // Only the committer's thread.
  StoreClock clock_;
  ServedTurns served_;
  std::set<std::string> woken_;
  std::chrono::milliseconds last_sweep_;  // monotonic
  std::chrono::milliseconds last_trial_;  // monotonic

  std::mutex health_mutex_;
  Status health_;

  std::mutex listeners_mutex_;  // held while listeners run
  std::map<int, Listener> listeners_;
  int next_listener_ = 1;

  std::mutex commits_mutex_;
  std::condition_variable committed_;
  std::array<std::uint64_t, kCommitSlots> commits_{};

  Committer committer_;  // last: its thread uses all the rest
};

}  // namespace facepipe::queue
