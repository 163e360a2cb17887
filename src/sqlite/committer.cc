// Group commit. Tested by committer_test.cc
#include "sqlite/committer.h"

#include <algorithm>

namespace facepipe::sqlite {
namespace {

// A bound on what one transaction holds back from its first caller.
constexpr std::size_t kMaxGroup = 256;

}  // namespace

Committer::Committer(Database& database, Hooks hooks)
    : database_(database), hooks_(std::move(hooks)), thread_([this] { loop(); }) {}

Committer::~Committer() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

Status Committer::execute(const Operation& operation, const Operation& frugal) {
  Pending pending;
  pending.operation = &operation;
  pending.frugal = &frugal;
  return wait_for(pending);
}

Status Committer::run_between(const Operation& operation) {
  Pending pending;
  pending.operation = &operation;
  return wait_for(pending);
}

std::size_t Committer::waiting() {
  const std::lock_guard lock(mutex_);
  return waiting_.size();
}

Status Committer::wait_for(Pending& pending) {
  std::unique_lock lock(mutex_);
  if (stopping_) {
    return Error{ErrorCode::kUnavailable, "store: closing"};
  }
  waiting_.push_back(&pending);
  wake_.notify_one();
  pending.settled.wait(lock, [&] { return pending.done; });
  return pending.status;
}

// Those that share a transaction, in order; or the one that is to be run between.
std::vector<Committer::Pending*> Committer::take_group() {
  const auto is_between = [](const Pending* pending) { return pending->frugal == nullptr; };
  const auto limit = waiting_.begin() + static_cast<std::ptrdiff_t>(std::min(waiting_.size(), kMaxGroup));
  auto end = std::find_if(waiting_.begin(), limit, is_between);
  if (end == waiting_.begin() && end != limit) {
    ++end;
  }
  const std::vector<Pending*> group(waiting_.begin(), end);
  waiting_.erase(waiting_.begin(), end);
  return group;
}

void Committer::loop() {
  std::unique_lock lock(mutex_);
  while (true) {
    wake_.wait_for(lock, hooks_.idle_interval, [this] { return stopping_ || !waiting_.empty(); });
    if (waiting_.empty() && stopping_) {
      return;
    }
    const std::vector<Pending*> group = take_group();
    lock.unlock();
    if (!group.empty() && group.front()->frugal == nullptr) {
      group.front()->status = (*group.front()->operation)();
    } else if (!group.empty()) {
      if (hooks_.prepare) {
        hooks_.prepare();
      }
      run_group(group);
    }
    lock.lock();
    for (Pending* pending : group) {
      pending->done = true;
      pending->settled.notify_one();  // under the lock: the waiter's frame must not go before this returns
    }
    lock.unlock();
    hooks_.maintain();
    lock.lock();
  }
}

void Committer::run_group(const std::vector<Pending*>& group) {
  if (!try_transaction(group) && group.size() > 1) {
    // The whole transaction was lost, perhaps by one operation's doing: each gets one of its own.
    for (Pending* pending : group) {
      (void)try_transaction({pending});
    }
  }
  for (Pending* pending : group) {
    run_frugally(*pending);
  }
  hooks_.committed();
}

// If there was no space for it.
void Committer::run_frugally(Pending& pending) {
  const auto found_no_space = [&pending] {
    return !pending.status && pending.status.error().code == ErrorCode::kExhausted;
  };
  if (!found_no_space() || !hooks_.make_room) {
    return;
  }
  hooks_.make_room();
  (void)try_transaction({&pending});
  if (found_no_space() && pending.frugal != pending.operation) {
    pending.operation = pending.frugal;
    (void)try_transaction({&pending});
  }
}

// False if the transaction is lost; then every status says why.
bool Committer::try_transaction(const std::vector<Pending*>& group) {
  const auto fail = [&](const Error& error) {
    database_.roll_back();
    for (Pending* pending : group) {
      pending->status = error;
    }
    return false;
  };
  if (Status begun = database_.statement("BEGIN").run(); !begun) {
    return fail(begun.error());
  }
  for (Pending* pending : group) {
    pending->status = run_in_savepoint(*pending->operation);
    if (!database_.in_transaction()) {
      // SQLite ends a transaction by itself on some errors (disk full, I/O): then nothing before this one holds.
      return fail(pending->status ? Error{ErrorCode::kInternal, "store: the transaction ended early"}
                                  : pending->status.error());
    }
  }
  if (Status committed = database_.commit(); !committed) {
    return fail(committed.error());
  }
  return true;
}

Status Committer::run_in_savepoint(const Operation& operation) {
  FACEPIPE_TRY(database_.statement("SAVEPOINT operation").run());
  Status status = operation();
  if (!status && database_.in_transaction()) {
    FACEPIPE_TRY(database_.statement("ROLLBACK TO operation").run());
  }
  if (database_.in_transaction()) {
    FACEPIPE_TRY(database_.statement("RELEASE operation").run());
  }
  return status;
}

}  // namespace facepipe::sqlite
