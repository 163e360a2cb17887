// The time that the store works with: the wall clock without its jumps.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>

#include "base/clock.h"

namespace facepipe::queue {

// As the file holds times: milliseconds since 1970.
[[nodiscard]] inline std::int64_t to_ms(Clock::TimePoint time) {
  return time.time_since_epoch().count();
}

// A machine's clock may be set while the store is open (no battery, a wrong zone, time that comes from the network
// late). Were that taken as the passing of time, queued messages would expire, or stay hidden for years. So time passes
// here as the monotonic clock says; small differences (slewing) are followed, larger ones are told by jump(), for the
// owner to move the stored times first and follow() then. One thread at a time.
class StoreClock {
 public:
  using Monotonic = std::function<std::chrono::milliseconds()>;
  // `monotonic` null: the steady clock if `clock` is the system's, else `clock` itself.
  StoreClock(const Clock& clock, Monotonic monotonic);

  [[nodiscard]] Clock::TimePoint now() const { return base_.wall + (monotonic_() - base_.monotonic); }
  // By how much the wall clock is ahead (negative: behind), if that is a jump; else zero, and it is followed.
  [[nodiscard]] std::chrono::milliseconds jump();
  // Goes on from the wall clock's time.
  void follow() { base_ = read(); }
  [[nodiscard]] std::chrono::milliseconds monotonic() const { return monotonic_(); }

 private:
  struct Moment {
    Clock::TimePoint wall;
    std::chrono::milliseconds monotonic{};
  };
  // Both clocks at one moment.
  [[nodiscard]] Moment read() const;

  const Clock& clock_;
  Monotonic monotonic_;
  Moment base_;  // of the last follow()
};

}  // namespace facepipe::queue
