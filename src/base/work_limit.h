// When a piece of work has to end although it is not done: it was asked to stop, or its time is up.
#pragma once

#include <chrono>
#include <exception>
#include <new>
#include <stop_token>

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

// --- Stops stray exceptions at the edge of one frame or face, so that the work of others goes on.
// What `work` returns (a Result); kInternal if it throws. Our own code does not throw: this is memory that ran out, or
// a library.
template <typename Work>
[[nodiscard]] auto guarded(Work&& work) -> decltype(std::forward<Work>(work)()) {
  try {
    return std::forward<Work>(work)();
  } catch (const std::bad_alloc&) {
    return Error{ErrorCode::kInternal, "out of memory"};
  } catch (const std::exception& error) {
    return Error{ErrorCode::kInternal, std::string("unexpected exception: ") + error.what()};
  } catch (...) {
    return Error{ErrorCode::kInternal, "unexpected exception"};
  }
}

}  // namespace facepipe
