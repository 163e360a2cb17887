// The embedded store's opening, upkeep and health, and the operations of its administration. Tested by
// queue_store_file_test.cc, queue_store_clock_test.cc, queue_store_frame_test.cc, queue_store_dead_letter_test.cc
#include <utility>

#include "queue/queue_error.h"
#include "queue/store/dead_letters.h"
#include "queue/store/embedded_store.h"
#include "queue/store/frame_rows.h"
#include "queue/store/message_rows.h"
#include "queue/store/room.h"
#include "queue/store/schema.h"
#include "queue/store/time_rows.h"
#include "queue/validation.h"

namespace facepipe::queue {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kSweepInterval{60'000};
constexpr int kSweepLimit = 1'000;              // rows a table a sweep: it must not hold up callers
constexpr std::int64_t kKeptFreePages = 1'024;  // 8 MiB stay in the file for what comes next
constexpr milliseconds kTrialInterval{1'000};
// Of the clock at a reopening: what another program's clock may be behind without having been set.
constexpr std::int64_t kClockToleranceMs = 1'000;
constexpr std::int64_t kMaxPeek = 1'000;

// The disk's, the file's or the memory's trouble, which every writer has; not the caller's own.
bool is_store_trouble(const Error& error) {
  if (queue_error_kind(error) != QueueErrorKind::kNone) {
    return false;
  }
  return error.code == ErrorCode::kExhausted || error.code == ErrorCode::kInvalidData ||
         error.code == ErrorCode::kUnavailable || error.code == ErrorCode::kPermission;
}

// A clock that is behind what the store has seen was set back while the store was closed.
Status catch_up(Database& database, const StoreClock& clock, bool frugal) {
  FACEPIPE_TRY(database.execute("BEGIN"));
  if (frugal) {
    FACEPIPE_TRY(give_up_spare_pages(database));
  }
  FACEPIPE_TRY(drop_cut_off_trial(database));
  FACEPIPE_ASSIGN(const std::int64_t last_ms, last_time_ms(database));
  const std::int64_t behind_ms = last_ms - to_ms(clock.now());
  if (last_ms > 0 && behind_ms > kClockToleranceMs) {
    FACEPIPE_TRY(shift_times(database, -behind_ms));
  }
  FACEPIPE_TRY(release_held(database, to_ms(clock.now())));
  return database.commit();
}

// `work` is a transaction of its own. Where there is no space it is run again with what is kept for that.
Status run_frugally(Database& database, const std::function<Status(bool frugal)>& work) {
  const auto roll_back = [&database] {
    if (database.in_transaction()) {
      (void)database.execute("ROLLBACK");  // cannot fail in a way that leaves anything to do
    }
  };
  Status done = work(false);
  if (!done && done.error().code == ErrorCode::kExhausted) {
    roll_back();
    FACEPIPE_TRY(database.checkpoint());
    done = work(true);
  }
  if (!done) {
    roll_back();
  }
  return done;
}

}  // namespace

Status EmbeddedStore::execute(const Committer::Operation& operation, Need need) {
  const Committer::Operation stores = [&]() -> Status {
    FACEPIPE_TRY(keep_spare_pages(*database_));
    return operation();
  };
  const Committer::Operation frugal = [&]() -> Status {
    FACEPIPE_TRY(give_up_spare_pages(*database_));
    set_health(database_->no_space());  // until the trial write has set them aside again
    return operation();
  };
  Status status = need == Need::kStores ? committer_.execute(stores) : committer_.execute(operation, frugal);
  if (!status && is_store_trouble(status.error())) {
    set_health(status);
  }
  return status;
}

void EmbeddedStore::set_health(Status health) {
  const std::lock_guard lock(health_mutex_);
  health_ = std::move(health);
}

Status EmbeddedStore::health() {
  const std::lock_guard lock(health_mutex_);
  return health_;
}

// On the committer's thread, outside a transaction. Until the times are moved the store's own clock goes on as it was.
void EmbeddedStore::follow_clock() {
  const milliseconds jump = clock_.jump();
  if (jump == milliseconds{0}) {
    return;
  }
  const auto shift = [&]() -> Status {
    FACEPIPE_TRY(database_->execute("BEGIN"));
    FACEPIPE_TRY(shift_times(*database_, jump.count()));
    return database_->commit();
  };
  if (const Status shifted = shift(); !shifted) {
    if (database_->in_transaction()) {
      (void)database_->execute("ROLLBACK");
    }
    set_health(shifted);
    return;
  }
  clock_.follow();
}

void EmbeddedStore::maintain() {
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
Status EmbeddedStore::sweep(bool frugal) {
  FACEPIPE_TRY(database_->execute("BEGIN"));
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
  FACEPIPE_TRY(expire_frames(now, kSweepLimit));
  FACEPIPE_TRY(note_time(*database_, now.now_ms));
  FACEPIPE_TRY(database_->commit());
  FACEPIPE_ASSIGN(const std::int64_t free_pages, database_->query_integer("PRAGMA freelist_count"));
  if (free_pages > kKeptFreePages) {
    FACEPIPE_TRY(database_->execute("PRAGMA incremental_vacuum(1024)"));
  }
  return {};
}

Status EmbeddedStore::put_back(const std::string& name, const std::string& receipt_handle, std::chrono::seconds timeout,
                               const std::string& reason) {
  return apply([&](const Transaction& transaction) -> Status {
    FACEPIPE_ASSIGN(const QueueRow row, find_queue(transaction.database, name));
    return queue::put_back(transaction, row, receipt_handle, timeout, reason);
  });
}

Result<std::optional<int>> EmbeddedStore::find_frame(const std::string& key) {
  return compute<std::optional<int>>(
      [&](const Transaction& transaction) { return queue::find_frame(transaction, key); });
}

Result<int> EmbeddedStore::send_frame(const FrameMessages& frame) {
  for (const OutgoingMessage& message : frame.messages) {  // on the caller's thread: bodies can be long
    FACEPIPE_TRY(validate_message(message));
  }
  return compute<int>([&](const Transaction& transaction) { return queue::send_frame(transaction, frame); },
                      Need::kStores);
}

Result<std::vector<StoredMessage>> EmbeddedStore::peek(const std::string& name, std::int64_t skip, std::int64_t limit) {
  if (skip < 0 || limit < 1 || limit > kMaxPeek) {
    return queue_error(QueueErrorKind::kInvalidParameter,
                       "Expected 0 or more messages to skip and 1 to " + std::to_string(kMaxPeek) + " to read.");
  }
  return compute<std::vector<StoredMessage>>([&](const Transaction& transaction) -> Result<std::vector<StoredMessage>> {
    FACEPIPE_ASSIGN(const QueueRow row, find_queue(transaction.database, name));
    return queue::peek(transaction, row, skip, limit);
  });
}

Result<std::int64_t> EmbeddedStore::redrive(const std::string& name, const std::string& target, std::int64_t limit) {
  return compute<std::int64_t>([&](const Transaction& transaction) -> Result<std::int64_t> {
    FACEPIPE_ASSIGN(const QueueRow row, find_queue(transaction.database, name));
    return queue::redrive(transaction, row, target, limit);
  });
}

Result<std::unique_ptr<QueueStore>> QueueStore::open(const std::filesystem::path& file, const Options& options) {
  LogRoom room;  // before the database, which is to be closed first
  FACEPIPE_ASSIGN(std::unique_ptr<Database> database, open_database(file, options.max_file_bytes));
  room.take(file);
  Bytes receipt_key;
  {
    Statement select = database->statement("SELECT receipt_key FROM secret");
    FACEPIPE_ASSIGN(const bool found, select.step());
    if (!found || select.blob(0).size() < 16) {
      return Error{ErrorCode::kInvalidData, "queue store " + file.string() + ": damaged (no receipt key)"};
    }
    receipt_key = to_bytes(select.blob(0));
  }
  if (const Status agreed = agree_on_key(*database, options.key); !agreed) {
    return agreed.error().with_context("queue store " + file.string());
  }
  StoreClock clock(*options.clock, options.monotonic);
  FACEPIPE_TRY(run_frugally(*database, [&](bool frugal) { return catch_up(*database, clock, frugal); }));
  Status health = set_spare_pages_aside(*database);
  return std::unique_ptr<QueueStore>(std::make_unique<EmbeddedStore>(
      EmbeddedStore::Opened{std::move(room), std::move(database), std::move(health), options.on_put_aside},
      std::move(receipt_key), options.key, std::move(clock)));
}

}  // namespace facepipe::queue
