// Tested by store_clock_test.cc and queue_store_clock_test.cc
#include "queue/store_clock.h"

#include <utility>

namespace facepipe::queue {
namespace {

using std::chrono::milliseconds;

// jump() is asked at least every second: a difference up to this is the slewing of a time daemon.
constexpr milliseconds kSlew{1'000};

milliseconds steady_time() {
  return std::chrono::duration_cast<milliseconds>(std::chrono::steady_clock::now().time_since_epoch());
}

}  // namespace

StoreClock::StoreClock(const Clock& clock, Monotonic monotonic) : clock_(clock), monotonic_(std::move(monotonic)) {
  if (!monotonic_) {
    if (&clock == &system_clock()) {
      monotonic_ = steady_time;
    } else {
      monotonic_ = [&clock] { return milliseconds(clock.now().time_since_epoch()); };
    }
  }
  follow();
}

milliseconds StoreClock::jump() {
  const milliseconds ahead = clock_.now() - now();
  if (ahead > kSlew || ahead < -kSlew) {
    return ahead;
  }
  follow();
  return milliseconds{0};
}

void StoreClock::follow() {
  base_monotonic_ = monotonic_();
  base_ = clock_.now();
}

}  // namespace facepipe::queue
