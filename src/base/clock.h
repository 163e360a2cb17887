// Time, passed in, so that tests own it.
#pragma once

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

// A clock that a test moves by hand. Not thread-safe while it is being moved.
class ManualClock final : public Clock {
 public:
  explicit ManualClock(TimePoint start = TimePoint{}) : now_(start) {}
  [[nodiscard]] TimePoint now() const override { return now_; }
  void advance(std::chrono::milliseconds by) { now_ += by; }

 private:
  TimePoint now_;
};

}  // namespace facepipe
