// A part of `facepipe serve` that is started and stopped in order.
#pragma once

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <stop_token>
#include <thread>
#include <vector>

#include "base/result.h"

namespace facepipe::serve {

// Shares out the time that a stop may take. Runs from its construction.
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

// start() and stop() are called once each, by one thread; stop() also after a start() that failed.
class Service {
 public:
  virtual ~Service() = default;
  // Opens what it needs and begins to work. Errors name the file, port or option.
  [[nodiscard]] virtual Status start() = 0;
  // Takes no more work and lets what waits for nothing more go on, before any service is stopped. Returns at once.
  virtual void request_stop() {}
  // Ends within what the clock leaves, and about a second.
  virtual void stop(const StopClock& /*clock*/) {}
};

// Services in the order of their start; each may use those before it. Not thread-safe. Destruction stops, with no
// grace, and destroys from the last to the first.
class ServiceList {
 public:
  ServiceList() = default;
  ServiceList(const ServiceList&) = delete;
  ServiceList& operator=(const ServiceList&) = delete;
  ~ServiceList();
  // Before start(). The reference is good for as long as the list is.
  template <typename Kind>
  Kind& add(std::unique_ptr<Kind> service) {
    Kind& added = *service;
    services_.push_back(std::move(service));
    return added;
  }
  // Starts each, from the first; after an error the later ones are not started. The error is the service's.
  [[nodiscard]] Status start();
  // request_stop() of all that were started, then stop() of each from the last, all within one grace. Idempotent.
  void stop(std::chrono::milliseconds grace);

 private:
  std::vector<std::unique_ptr<Service>> services_;
  std::size_t started_ = 0;  // services whose start() was called
};

}  // namespace facepipe::serve
