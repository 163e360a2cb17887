// Tested by face_store_test.cc and its neighbours
#include "faces/store/store_engine.h"

#include "faces/store/key.h"
#include "faces/store/schema.h"

namespace facepipe::faces {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kReaderPatience{5'000};
constexpr milliseconds kTrialInterval{1'000};

milliseconds steady_time() {
  return std::chrono::duration_cast<milliseconds>(std::chrono::steady_clock::now().time_since_epoch());
}

// What a face of a usual size takes, taken and given back; rows begin with 1.
Status trial_write(const Tables& tables) {
  FACEPIPE_TRY(
      tables.database.statement("INSERT INTO frame_picture (frame, jpeg) VALUES (-1, zeroblob(262144))").run());
  return tables.database.statement("DELETE FROM frame_picture WHERE frame = -1").run();
}

Result<FileLock> take(const std::filesystem::path& file, milliseconds patience) {
  auto lock = FileLock::acquire(file, patience);
  if (!lock && lock.error().code == ErrorCode::kTimeout) {
    return Error{ErrorCode::kUnavailable, "face store " + file.string() + ": another process has it open"};
  }
  return lock;
}

}  // namespace

Result<StoreEngine::File> StoreEngine::open_file(const std::filesystem::path& path,
                                                 const SqliteFaceStore::Options& options) {
  FACEPIPE_ASSIGN(FileLock lock, take(path, options.patience));
  sqlite::LogRoom room;  // before the connections, which are to be closed first
  room.lend(path);
  FACEPIPE_ASSIGN(std::unique_ptr<sqlite::Database> database, open_database(path, options.max_file_bytes));
  FACEPIPE_TRY(agree_on_key(*database, Vault(options.key)).with_context("face store " + path.string()));
  room.take(path);
  FACEPIPE_ASSIGN(std::unique_ptr<Readers> readers,
                  Readers::open(path, static_cast<std::size_t>(std::max(1, options.readers))));
  return File{std::move(lock), std::move(room), std::move(database), std::move(readers), path};
}

StoreEngine::StoreEngine(File file, const SqliteFaceStore::Options& options, Hooks hooks)
    : file_(std::move(file)),
      vault_(options.key),
      clock_(*options.clock),
      hooks_(std::move(hooks)),
      monotonic_(options.monotonic ? options.monotonic : steady_time),
      sweeper_(*file_.database, file_.room, vault_, file_.path),
      committer_(*file_.database, {.committed = hooks_.committed,
                                   .maintain = [this] { maintain(); },
                                   .make_room = [this] { (void)file_.database->checkpoint(); }}) {}

Status StoreEngine::forget_bytes(const Traces& traces) {
  const auto empty_log = [this] { return file_.room.empty_log(*file_.database, kReaderPatience); };
  FACEPIPE_TRY(committer_.run_between(empty_log));
  FACEPIPE_ASSIGN(const bool found,
                  file_.readers->read([&](const sqlite::Database& database) { return traces.are_in_file(database); }));
  return !found ? Status{} : committer_.run_between([&]() -> Status {
    FACEPIPE_TRY(file_.database->execute("VACUUM"));
    return empty_log();
  });
}

Status StoreEngine::health() {
  const std::lock_guard lock(health_mutex_);
  return health_;
}

void StoreEngine::set_health(Status health) {
  const std::lock_guard lock(health_mutex_);
  health_ = std::move(health);
}

void StoreEngine::maintain() {
  try_again();
  // A failure loses nothing: the same rows are due at the next step, and a store in trouble tells its callers.
  (void)sweeper_.step(hooks_.retention(), clock_.now(), monotonic_());
}

// Whoever waits for a store in trouble may write nothing meanwhile. A damaged file stays in trouble until it is
// repaired: a write may well succeed.
void StoreEngine::try_again() {
  const milliseconds now = monotonic_();
  if (const Status state = health();
      state || state.error().code == ErrorCode::kInvalidData || now - last_trial_ < kTrialInterval) {
    return;
  }
  last_trial_ = now;
  (void)file_.database->checkpoint();
  set_health(file_.database->transact([this] { return trial_write(Tables{*file_.database, vault_}); }));
}

}  // namespace facepipe::faces
