// Opening, upkeep, health, waiting. Tested by queue_store_file_test.cc, queue_store_clock_test.cc,
// queue_store_once_test.cc, store_queue_test.cc
#include "queue/store/store_engine.h"

#include "queue/queue_error.h"
#include "queue/store/message_rows.h"
#include "queue/store/schema.h"

namespace facepipe::queue {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kSweepInterval{60'000};
constexpr int kSweepLimit = 1'000;              // rows a table a sweep: it must not hold up callers
constexpr std::int64_t kKeptFreePages = 1'024;  // 8 MiB stay in the file for what comes next
constexpr milliseconds kTrialInterval{1'000};
// Of the clock at a reopening: what another program's clock may be behind without having been set.
constexpr std::int64_t kClockToleranceMs = 1'000;

// An error of the queue's own kinds is its caller's.
bool concerns_everybody(const Error& error) {
  return queue_error_kind(error) == QueueErrorKind::kNone && sqlite::is_store_trouble(error);
}

// A clock that is behind what the store has seen was set back while the store was closed.
Status catch_up(sqlite::Database& database, const StoreClock& clock, bool frugal) {
  return database.transact([&]() -> Status {
    if (frugal) {
      FACEPIPE_TRY(give_up_spare_pages(database));
    }
    FACEPIPE_TRY(drop_cut_off_trial(database));
    FACEPIPE_ASSIGN(const std::int64_t last_ms, last_time_ms(database));
    const std::int64_t behind_ms = last_ms - to_ms(clock.now());
    if (last_ms > 0 && behind_ms > kClockToleranceMs) {
      FACEPIPE_TRY(shift_times(database, -behind_ms));
    }
    return release_held(database, to_ms(clock.now()));
  });
}

// `work` is a transaction of its own. Where there is no space it is run again with what is kept for that.
Status run_frugally(sqlite::Database& database, const std::function<Status(bool frugal)>& work) {
  Status done = work(false);
  if (!done && done.error().code == ErrorCode::kExhausted) {
    FACEPIPE_TRY(database.checkpoint());
    done = work(true);
  }
  return done;
}

}  // namespace

StoreEngine::StoreEngine(Parts parts, const QueueStore::Options& options)
    : room_(std::move(parts.room)),
      database_(std::move(parts.database)),
      receipts_(std::move(parts.receipt_key)),
      key_(options.key),
      on_put_aside_(options.on_put_aside),
      clock_(std::move(parts.clock)),
      last_sweep_(clock_.monotonic()),
      last_trial_(clock_.monotonic()),
      health_(std::move(parts.health)),
      committer_(*database_, {.committed = [this] { tell_listeners(); },
                              .maintain = [this] { maintain(); },
                              .prepare = [this] { follow_clock(); },
                              .make_room = [this] { (void)database_->checkpoint(); }}) {}

Transaction StoreEngine::transaction() {
  return {*database_, receipts_, served_, key_ ? &*key_ : nullptr, woken_, to_ms(clock_.now()), on_put_aside_};
}

Status StoreEngine::execute(const sqlite::Committer::Operation& operation, Need need) {
  const sqlite::Committer::Operation stores = [&]() -> Status {
    FACEPIPE_TRY(keep_spare_pages(*database_));
    return operation();
  };
  const sqlite::Committer::Operation frugal = [&]() -> Status {
    FACEPIPE_TRY(give_up_spare_pages(*database_));
    set_health(database_->no_space());  // until the trial write has set them aside again
    return operation();
  };
  Status status = need == Need::kStores ? committer_.execute(stores) : committer_.execute(operation, frugal);
  if (!status && concerns_everybody(status.error())) {
    set_health(status);
  }
  return status;
}

void StoreEngine::set_health(Status health) {
  const std::lock_guard lock(health_mutex_);
  health_ = std::move(health);
}

Status StoreEngine::health() {
  const std::lock_guard lock(health_mutex_);
  return health_;
}

// On the committer's thread, outside a transaction. Until the times are moved the store's own clock goes on as it was.
void StoreEngine::follow_clock() {
  const milliseconds jump = clock_.jump();
  if (jump == milliseconds{0}) {
    return;
  }
  if (const Status shifted = database_->transact([&] { return shift_times(*database_, jump.count()); }); !shifted) {
    set_health(shifted);
    return;
  }
  clock_.follow();
}

void StoreEngine::maintain() {
  follow_clock();
  const milliseconds now = clock_.monotonic();
  // A damaged file stays in trouble until it is repaired: a write may well succeed.
  if (const Status state = health();
      !state && state.error().code != ErrorCode::kInvalidData && now - last_trial_ >= kTrialInterval) {
    last_trial_ = now;
    set_health(trial_write(*database_));
  }
  if (now - last_sweep_ < kSweepInterval) {
    return;
  }
  last_sweep_ = now;
  // A failure loses nothing: the same rows are due at the next sweep, and a store in trouble tells its callers.
  (void)run_frugally(*database_, [this](bool frugal) { return sweep(frugal); });
  tell_listeners();
}

// Deletes what is past its time and gives space back. docs/formats/queue-store.md, "Space"
Status StoreEngine::sweep(bool frugal) {
  Status swept = database_->transact([&]() -> Status {
    if (frugal) {
      set_health(database_->no_space());
      FACEPIPE_TRY(give_up_spare_pages(*database_));
    }
    const Transaction now = transaction();
    FACEPIPE_ASSIGN(const std::vector<QueueRow> rows, all_queues(*database_));
    for (const QueueRow& row : rows) {
      FACEPIPE_TRY(expire_messages(now, row, kSweepLimit));
    }
    FACEPIPE_TRY(expire_deduplication(now, kSweepLimit));
    FACEPIPE_TRY(expire_once(now, kSweepLimit));
    return note_time(*database_, now.now_ms);
  });
  if (!swept) {
    return swept;
  }
  FACEPIPE_ASSIGN(const std::int64_t free_pages, database_->query_integer("PRAGMA freelist_count"));
  return free_pages > kKeptFreePages ? database_->execute("PRAGMA incremental_vacuum(1024)") : Status{};
}

int StoreEngine::add_listener(QueueStore::Listener listener) {
  const std::lock_guard lock(listeners_mutex_);
  const int id = next_listener_++;
  listeners_.emplace(id, std::move(listener));
  return id;
}

void StoreEngine::remove_listener(int id) {
  const std::lock_guard lock(listeners_mutex_);
  listeners_.erase(id);
}

// Queues that share a slot wake each other's waiters in vain: rare, and cheap.
std::uint64_t& StoreEngine::slot_of(const std::string& name) {
  return commits_[std::hash<std::string>()(name) % kCommitSlots];
}

std::uint64_t StoreEngine::commits(const std::string& name) {
  const std::lock_guard lock(commits_mutex_);
  return slot_of(name);
}

void StoreEngine::wait_for_commit(const std::string& name, std::uint64_t seen, std::chrono::milliseconds at_most) {
  std::unique_lock lock(commits_mutex_);
  committed_.wait_for(lock, at_most, [&] { return slot_of(name) != seen; });
}

// On the committer's thread, after a commit.
void StoreEngine::tell_listeners() {
  if (woken_.empty()) {
    return;
  }
  {
    const std::lock_guard lock(commits_mutex_);
    for (const std::string& name : woken_) {
      ++slot_of(name);
    }
  }
  committed_.notify_all();
  const std::lock_guard lock(listeners_mutex_);
  for (const std::string& name : woken_) {
    for (const auto& [id, listener] : listeners_) {
      listener(name);
    }
  }
  woken_.clear();
}

Result<std::unique_ptr<StoreEngine>> StoreEngine::open(const std::filesystem::path& file,
                                                       const QueueStore::Options& options) {
  sqlite::LogRoom room;  // before the database, which is to be closed first
  FACEPIPE_ASSIGN(std::unique_ptr<sqlite::Database> database, open_database(file, options.max_file_bytes));
  room.take(file);
  Bytes receipt_key;
  {
    sqlite::Statement select = database->statement("SELECT receipt_key FROM secret");
    FACEPIPE_ASSIGN(const bool found, select.step());
    if (!found || select.blob(0).size() < 16) {
      return Error{ErrorCode::kInvalidData, "queue store " + file.string() + ": damaged (no receipt key)"};
    }
    receipt_key = to_bytes(select.blob(0));
  }
  FACEPIPE_TRY(agree_on_key(*database, options.key).with_context("queue store " + file.string()));
  StoreClock clock(*options.clock, options.monotonic);
  FACEPIPE_TRY(run_frugally(*database, [&](bool frugal) { return catch_up(*database, clock, frugal); }));
  Status health = set_spare_pages_aside(*database);
  return std::unique_ptr<StoreEngine>(new StoreEngine(
      {std::move(room), std::move(database), std::move(receipt_key), std::move(clock), std::move(health)}, options));
}

}  // namespace facepipe::queue
