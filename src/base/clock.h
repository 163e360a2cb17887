// Time, passed in, so that tests own it.
#pragma once

#include <atomic>
#include <chrono>

namespace facepipe {

class Clock {
 public:
  using TimePoint = std::chrono::sys_time<std::chrono::milliseconds>;
  virtual ~Clock() = default;
  // Wall-clock time: what goes into stores and messages. May jump.
  [[nodiscard]] virtual TimePoint now() const = 0;
};

// The system's clock. Thread-safe; lives for the whole program.
[[nodiscard]] const Clock& system_clock();

// A clock that a test moves by hand. Thread-safe.
class ManualClock final : public Clock {
 public:
  explicit ManualClock(TimePoint start = TimePoint{}) : now_(start.time_since_epoch().count()) {}
  [[nodiscard]] TimePoint now() const override { return TimePoint(std::chrono::milliseconds(now_)); }
  void advance(std::chrono::milliseconds by) { now_ += by.count(); }

 private:
  std::atomic<std::chrono::milliseconds::rep> now_;  // milliseconds since 1970
};

}  // namespace facepipe
