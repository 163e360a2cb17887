// When a piece of work has to end although it is not done: it was asked to stop, or its time is up.
#pragma once

#include <chrono>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>

#include "base/result.h"

namespace facepipe {

// Asked from time to time by the work itself, at least every few tens of milliseconds: ending is cooperative. Copies
// share the stop token. Thread-safe to ask.
class WorkLimit {
 public:
  using Clock = std::chrono::steady_clock;

  WorkLimit() = default;  // never reached
  explicit WorkLimit(std::stop_token stop) : stop_(std::move(stop)) {}

  // The same with a deadline, if it is sooner than the one there is. `bound` names it in the error: "10 s
  // (--frame-timeout)".
  [[nodiscard]] WorkLimit until(Clock::time_point deadline, std::string bound) const {
    WorkLimit limit = *this;
    if (!deadline_ || deadline < *deadline_) {
      limit.deadline_ = deadline;
      limit.bound_ = std::move(bound);
    }
    return limit;
  }

  [[nodiscard]] bool reached() const {
    return stop_.stop_requested() || (deadline_.has_value() && Clock::now() >= *deadline_);
  }
  // kUnavailable when it was asked to stop, kTimeout past the deadline; both name `what`.
  [[nodiscard]] Status check(std::string_view what) const {
    if (stop_.stop_requested()) {
      return Error{ErrorCode::kUnavailable, std::string(what) + " was ended, since the service stops: send it again"};
    }
    if (deadline_ && Clock::now() >= *deadline_) {
      return Error{ErrorCode::kTimeout, std::string(what) + " took longer than " + bound_};
    }
    return {};
  }

  [[nodiscard]] const std::stop_token& stop() const { return stop_; }

 private:
  std::stop_token stop_;
  std::optional<Clock::time_point> deadline_;
  std::string bound_;
};

}  // namespace facepipe
