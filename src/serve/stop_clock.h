// Shares out the time that a stop may take.
#pragma once

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <stop_token>
#include <thread>
#include <utility>

namespace facepipe::serve {

// Runs from its construction.
class StopClock {
 public:
  using Clock = std::chrono::steady_clock;
  explicit StopClock(std::chrono::milliseconds grace) : begin_(Clock::now()), grace_(grace) {}
  // What is left of the grace, at least 0.
  [[nodiscard]] std::chrono::milliseconds left() const { return until(grace_); }
  // The same of its first three quarters.
  [[nodiscard]] std::chrono::milliseconds most_left() const { return until(grace_ * 3 / 4); }

 private:
  [[nodiscard]] std::chrono::milliseconds until(std::chrono::milliseconds end) const {
    const auto passed = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - begin_);
    return std::max(end - passed, std::chrono::milliseconds(0));
  }
  Clock::time_point begin_;
  std::chrono::milliseconds grace_;
};

// Calls `action` on a thread of its own when `delay` is over, unless it is destroyed before; its destruction waits for
// an action that has begun.
class Deadline {
 public:
  Deadline(std::chrono::milliseconds delay, std::function<void()> action)
      : thread_([this, delay, action = std::move(action)](const std::stop_token& stop) {
          std::unique_lock lock(mutex_);
          (void)changed_.wait_for(lock, stop, delay, [] { return false; });
          if (!stop.stop_requested()) {
            action();
          }
        }) {}
  Deadline(const Deadline&) = delete;
  Deadline& operator=(const Deadline&) = delete;
  ~Deadline() = default;

 private:
  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::jthread thread_;  // last: its destruction wakes it and joins
};

}  // namespace facepipe::serve
