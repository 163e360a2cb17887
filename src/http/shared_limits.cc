// Tested by server_overload_test.cc.
#include "http/shared_limits.h"

#include <algorithm>
#include <utility>

namespace facepipe::http {
namespace {

// A camera on a slow line that is not slow by this (1 Mbit/s) makes room for nobody.
constexpr std::chrono::seconds kSlowAfter{1};
constexpr double kSlowBytesPerSecond = 128.0 * 1024.0;

double bytes_per_second(const Progress& progress, Progress::Clock::time_point now) {
  const double seconds = std::chrono::duration<double>(progress.age(now)).count();
  return seconds > 0 ? static_cast<double>(progress.moved()) / seconds : 0.0;
}

}  // namespace

bool may_make_room(const Progress& progress, RoomFor what, Progress::Clock::time_point now) {
  if (progress.told_to_end() || progress.phase() == Progress::Phase::kWorking ||
      (what == RoomFor::kMemory && progress.reserved() == 0) ||
      (what != RoomFor::kDescriptor && progress.age(now) < kSlowAfter)) {
    return false;
  }
  return bytes_per_second(progress, now) < kSlowBytesPerSecond;
}

bool is_slower(const Progress& a, const Progress& b, Progress::Clock::time_point now) {
  const double rate_a = bytes_per_second(a, now);
  const double rate_b = bytes_per_second(b, now);
  return rate_a != rate_b ? rate_a < rate_b : a.age(now) > b.age(now);
}

void SharedLimits::join(ServerCore& core) {
  const std::lock_guard lock(mutex_);
  cores_.push_back(&core);
}

void SharedLimits::leave(ServerCore& core) {
  const std::lock_guard lock(mutex_);
  std::erase(cores_, &core);
}

SharedLimits::MemoryHolders SharedLimits::memory_holders() const {
  const auto now = Progress::Clock::now();
  MemoryHolders found;
  for (ServerCore* const core : cores_) {
    const std::lock_guard lock(core->mutex);
    for (ServerConnection* const session : core->sessions) {
      const Progress& progress = session->progress();
      if (progress.reserved() == 0 || progress.phase() == Progress::Phase::kWorking) {
        continue;
      }
      found.one_is_about_to_let_go = found.one_is_about_to_let_go || progress.told_to_end();
      if (may_make_room(progress, RoomFor::kMemory, now) &&
          (found.slowest.session == nullptr || is_slower(progress, found.slowest.session->progress(), now))) {
        found.slowest = {core, session->shared_from_this()};
      }
      if (progress.phase() == Progress::Phase::kReading &&
          (found.youngest.session == nullptr || progress.age(now) < found.youngest.session->progress().age(now))) {
        found.youngest = {core, session->shared_from_this()};
      }
    }
  }
  return found;
}

void SharedLimits::tell(const Choice& choice) {
  const std::lock_guard lock(choice.core->mutex);
  choice.core->tell_to_make_room(*choice.session);
}

bool SharedLimits::grow(MemoryShare& share, std::size_t bytes, std::size_t keep_free,
                        const ServerConnection& asking) {
  if (bytes <= share.bytes()) {
    return true;
  }
  if (auto more = memory_.try_take(bytes - share.bytes(), keep_free)) {
    share.absorb(*std::move(more));
    return true;
  }
  const std::lock_guard lock(mutex_);
  const MemoryHolders holders = memory_holders();
  if (holders.one_is_about_to_let_go) {
    return false;
  }
  if (holders.slowest.session != nullptr) {
    if (holders.slowest.session.get() != &asking) {
      tell(holders.slowest);
    }
  } else if (share.bytes() > 0 && holders.youngest.session != nullptr && holders.youngest.session.get() != &asking) {
    tell(holders.youngest);
  }
  return false;
}

bool SharedLimits::shed_for_descriptor() {
  const std::lock_guard lock(mutex_);
  const auto now = Progress::Clock::now();
  Choice slowest;
  for (ServerCore* const core : cores_) {
    const std::lock_guard core_lock(core->mutex);
    for (ServerConnection* const session : core->sessions) {
      if (may_make_room(session->progress(), RoomFor::kDescriptor, now) &&
          (slowest.session == nullptr || is_slower(session->progress(), slowest.session->progress(), now))) {
        slowest = {core, session->shared_from_this()};
      }
    }
  }
  if (slowest.session == nullptr) {
    return false;
  }
  tell(slowest);
  return true;
}

std::shared_ptr<SharedLimits> make_shared_limits(std::size_t max_total_body_bytes) {
  return std::make_shared<SharedLimits>(max_total_body_bytes);
}

}  // namespace facepipe::http
