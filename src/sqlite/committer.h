// The one thread that touches the database: takes the operations that wait, runs them in one transaction, commits,
// and only then lets their callers go on. While a commit waits for the disk, the next group gathers, so many callers
// share one flush.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

#include "base/result.h"
#include "sqlite/sqlite.h"

namespace facepipe::sqlite {

class Committer {
 public:
  // May be run again if the transaction around it was lost, so it must set its outputs from scratch.
  using Operation = std::function<Status()>;

  struct Hooks {
    // After each commit, before its callers go on.
    std::function<void()> committed;
    // Between transactions, at the latest every `idle_interval`: expiry, space.
    std::function<void()> maintain;
    std::chrono::milliseconds idle_interval{1'000};
    // Before each transaction, if there is one.
    std::function<void()> prepare = {};
    // Between transactions, after one that found no space, before what it held is tried once more.
    std::function<void()> make_room = {};
  };

  // The database is the thread's from now on; it and the hooks outlive the committer.
  Committer(Database& database, Hooks hooks);
  Committer(const Committer&) = delete;
  Committer& operator=(const Committer&) = delete;
  // Runs what waits already, then ends the thread.
  ~Committer();

  // Runs `operation` on the committer's thread and returns when its changes are durable. If it returns an error, all
  // its changes are undone and those of its neighbours are not; the error is returned. kExhausted and others when the
  // commit fails: then nothing of it is stored. After kExhausted it is run once more when the hook has made room, and
  // if that is not enough `frugal` in its place. Thread-safe; not from within an operation or a hook.
  [[nodiscard]] Status execute(const Operation& operation, const Operation& frugal);
  [[nodiscard]] Status execute(const Operation& operation) { return execute(operation, operation); }
  // Runs `operation` on the committer's thread between transactions, for what cannot be part of one. Else as execute.
  [[nodiscard]] Status run_between(const Operation& operation);
  // Operations that wait for their turn. Thread-safe.
  [[nodiscard]] std::size_t waiting();

 private:
  struct Pending {
    const Operation* operation = nullptr;
    const Operation* frugal = nullptr;  // null: to be run between transactions
    Status status;
    bool done = false;
    std::condition_variable settled;
  };

  [[nodiscard]] Status wait_for(Pending& pending);
  [[nodiscard]] std::vector<Pending*> take_group();  // under the lock
  void loop();
  void run_group(const std::vector<Pending*>& group);
  void run_frugally(Pending& pending);
  [[nodiscard]] bool try_transaction(const std::vector<Pending*>& group);
  [[nodiscard]] Status run_in_savepoint(const Operation& operation);

  Database& database_;
  Hooks hooks_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::vector<Pending*> waiting_;  // guarded by mutex_
  bool stopping_ = false;          // guarded by mutex_
  std::thread thread_;             // last: starts when all else is there
};

}  // namespace facepipe::sqlite
