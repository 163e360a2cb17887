// Tested by queue_store_clock_test.cc
#include "queue/store/store_clock.h"

#include <utility>

namespace facepipe::queue {
namespace {

using std::chrono::milliseconds;

// jump() is asked at least every second: a difference up to this is the slewing of a time daemon.
constexpr milliseconds kSlew{1'000};

// Readings of the two clocks are of one moment if at most so much time passed meanwhile. A process that was stopped or
// waited for a processor in between would otherwise take its own absence for a jump: it reads again.
constexpr milliseconds kOneMoment{20};
constexpr int kMaxReadings = 100;

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
  const Moment moment = read();
  const milliseconds ahead = (moment.wall - base_.wall) - (moment.monotonic - base_.monotonic);
  if (ahead > kSlew || ahead < -kSlew) {
    return ahead;
  }
  base_ = moment;
  return milliseconds{0};
}

StoreClock::Moment StoreClock::read() const {
  Moment moment;
  for (int i = 0; i < kMaxReadings; ++i) {
    moment.monotonic = monotonic_();
    moment.wall = clock_.now();
    if (monotonic_() - moment.monotonic <= kOneMoment) {
      break;
    }
  }
  return moment;
}

}  // namespace facepipe::queue
