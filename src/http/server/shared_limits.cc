// Tested by server_overload_test.cc.
#include "http/server/shared_limits.h"

#include <algorithm>

#include "http/server/server_core.h"
#include "http/server/session.h"

namespace facepipe::http {

void SharedLimits::join(ServerCore& core) {
  const std::lock_guard lock(mutex_);
  cores_.push_back(&core);
}

void SharedLimits::leave(ServerCore& core) {
  const std::lock_guard lock(mutex_);
  std::erase(cores_, &core);
}

SharedLimits::MemoryHolders SharedLimits::memory_holders(const Session& asking) const {
  const auto now = Progress::Clock::now();
  MemoryHolders found;
  for (ServerCore* const core : cores_) {
    const std::lock_guard lock(core->mutex);
    for (Session* const session : core->sessions) {
      const Progress& progress = session->progress();
      if (session == &asking || progress.reserved() == 0 || progress.phase() == Progress::Phase::kWorking) {
        continue;
      }
      if (progress.told_to_end()) {
        found.about_to_come += progress.reserved();
      } else if (may_make_room(progress, RoomFor::kMemory, now)) {
        found.slow.push_back({core, session->shared_from_this()});
      } else if (progress.phase() == Progress::Phase::kReading && !progress.has_small_body() &&
                 progress.age(now) < asking.progress().age(now)) {
        found.late.push_back({core, session->shared_from_this()});
      }
    }
  }
  std::sort(found.slow.begin(), found.slow.end(), [now](const Choice& a, const Choice& b) {
    return is_slower(a.session->progress(), b.session->progress(), now);
  });
  std::sort(found.late.begin(), found.late.end(), [now](const Choice& a, const Choice& b) {
    return a.session->progress().age(now) < b.session->progress().age(now);
  });
  return found;
}

void SharedLimits::tell(const Choice& choice) {
  const std::lock_guard lock(choice.core->mutex);
  choice.core->tell_to_make_room(*choice.session);
}

bool SharedLimits::grow(MemoryShare& share, std::size_t bytes, std::size_t keep_free, const Session& asking) {
  if (bytes <= share.bytes()) {
    return true;
  }
  if (auto more = memory_.try_take(bytes - share.bytes(), keep_free)) {
    share.absorb(*std::move(more));
    return true;
  }
  const std::lock_guard lock(mutex_);
  const MemoryHolders holders = memory_holders(asking);
  const std::size_t missing = bytes - share.bytes();
  std::size_t coming = holders.about_to_come;
  for (const auto* const choices : {&holders.slow, share.bytes() > 0 ? &holders.late : nullptr}) {
    for (std::size_t i = 0; choices != nullptr && i < choices->size() && coming < missing; ++i) {
      coming += (*choices)[i].session->progress().reserved();
      tell((*choices)[i]);
    }
  }
  return false;
}

bool SharedLimits::shed_for_descriptor() {
  const std::lock_guard lock(mutex_);
  const auto now = Progress::Clock::now();
  Choice slowest;
  for (ServerCore* const core : cores_) {
    const std::lock_guard core_lock(core->mutex);
    for (Session* const session : core->sessions) {
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
