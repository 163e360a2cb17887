// What an open store runs on: the database, the committer's thread with its upkeep, health, and who waits for what.
#pragma once

#include <array>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <type_traits>

#include "base/seal.h"
#include "queue/store/queue_rows.h"
#include "queue/store/queue_store.h"
#include "queue/store/receipt.h"
#include "queue/store/room.h"
#include "queue/store/store_clock.h"
#include "sqlite/committer.h"
#include "sqlite/log_room.h"
#include "sqlite/sqlite.h"

namespace facepipe::queue {

// Thread-safe.
class StoreEngine {
 public:
  // As QueueStore::open.
  [[nodiscard]] static Result<std::unique_ptr<StoreEngine>> open(const std::filesystem::path& file,
                                                                 const QueueStore::Options& options);

  // Where there is no space the spare pages go to the operation, unless it is one that stores (room.h).
  enum class Need { kSpare, kStores };
  // Runs `work(transaction)`, which returns a Result or a Status, and returns its result when its changes are durable;
  // after an error they are undone. It may run twice, so it sets its outputs from scratch.
  template <typename Work>
  std::invoke_result_t<const Work&, const Transaction&> compute(const Work& work, Need need = Need::kSpare) {
    std::optional<std::invoke_result_t<const Work&, const Transaction&>> result;
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
  // As compute, for `work(transaction, queue)` on the named queue. kQueueDoesNotExist where there is none.
  template <typename Work>
  auto on_queue(const std::string& name, const Work& work, Need need = Need::kSpare) {
    using Outcome = std::invoke_result_t<const Work&, const Transaction&, const QueueRow&>;
    return compute(
        [&](const Transaction& transaction) -> Outcome {
          FACEPIPE_ASSIGN(const QueueRow row, find_queue(transaction.database, name));
          return work(transaction, row);
        },
        need);
  }

  // As QueueStore's functions of these names.
  [[nodiscard]] Status health();
  int add_listener(QueueStore::Listener listener);
  void remove_listener(int id);

  // What a blocking receive waits for: the number of commits so far that touched the queue, and until it is another.
  [[nodiscard]] std::uint64_t commits(const std::string& name);
  void wait_for_commit(const std::string& name, std::uint64_t seen, std::chrono::milliseconds at_most);

 private:
  struct Parts {
    sqlite::LogRoom room;
    std::unique_ptr<sqlite::Database> database;
    Bytes receipt_key;
    StoreClock clock;
    Status health;
  };
  StoreEngine(Parts parts, const QueueStore::Options& options);

  Status execute(const sqlite::Committer::Operation& operation, Need need);
  [[nodiscard]] Transaction transaction();
  void tell_listeners();
  void follow_clock();
  void maintain();
  Status sweep(bool frugal);
  void set_health(Status health);

  sqlite::LogRoom room_;  // first: it is given up when the file is closed
  std::unique_ptr<sqlite::Database> database_;
  const ReceiptSigner receipts_;
  const std::optional<SealingKey> key_;
  const QueueStore::PutAside on_put_aside_;

  // Only the committer's thread.
  StoreClock clock_;
  ServedTurns served_;
  std::set<std::string> woken_;
  std::chrono::milliseconds last_sweep_;  // monotonic
  std::chrono::milliseconds last_trial_;  // monotonic

  std::mutex health_mutex_;
  Status health_;

  std::mutex listeners_mutex_;  // held while listeners run
  std::map<int, QueueStore::Listener> listeners_;
  int next_listener_ = 1;

  static constexpr std::size_t kCommitSlots = 64;
  [[nodiscard]] std::uint64_t& slot_of(const std::string& name);
  std::mutex commits_mutex_;
  std::condition_variable committed_;
  std::array<std::uint64_t, kCommitSlots> commits_{};

  sqlite::Committer committer_;  // last: its thread uses all the rest
};

}  // namespace facepipe::queue
