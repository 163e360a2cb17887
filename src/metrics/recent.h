// What was observed lately: how much a second, and how long most of it took.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <vector>

namespace facepipe::metrics {

// The observations of the last `window`, of them at most the last `capacity`. Thread-safe.
class Recent {
 public:
  using Clock = std::chrono::steady_clock;
  static constexpr std::chrono::seconds kWindow{60};
  static constexpr std::size_t kCapacity = 8'192;

  explicit Recent(std::chrono::seconds window = kWindow, std::size_t capacity = kCapacity,
                  Clock::time_point now = Clock::now());
  void observe(double value, Clock::time_point now = Clock::now());

  struct Summary {
    std::int64_t count = 0;
    double per_second = 0;         // over the window, or the time since there is a Recent
    std::optional<double> median;  // absent: nothing was observed
    std::optional<double> p99;     // not exceeded by 99 in 100
  };
  [[nodiscard]] Summary summary(Clock::time_point now = Clock::now()) const;

 private:
  struct Observation {
    Clock::time_point time;
    double value = 0;
  };
  const std::chrono::seconds window_;
  const std::size_t capacity_;
  const Clock::time_point begin_;
  mutable std::mutex mutex_;
  std::vector<Observation> ring_;  // guarded by mutex_, as the next
  std::size_t next_ = 0;           // the oldest, once the ring is full
};

}  // namespace facepipe::metrics
