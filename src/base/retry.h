// Trying again: exponential back-off with full jitter (AWS Architecture Blog, 2015).
#pragma once

#include <chrono>
#include <functional>

#include "base/result.h"

namespace facepipe {

struct RetryPolicy {
  int max_attempts = 4;  // the first one included
  std::chrono::milliseconds base{100};
  std::chrono::milliseconds cap{5'000};
  std::optional<std::chrono::steady_clock::time_point> deadline = {};  // no try begins after it
};

// How long to wait after `attempt` (1, 2, ...) failed: uniform in [0, min(cap, base * 2^(attempt-1))]. `uniform` is in
// [0, 1].
[[nodiscard]] std::chrono::milliseconds retry_delay(const RetryPolicy& policy, int attempt, double uniform);

// True of what may pass: unavailable, and out of time.
[[nodiscard]] bool is_retriable(const Error& error);

// What a retrying caller needs of the world; tests pass their own. Both functions must be thread-safe.
struct RetryEnvironment {
  std::function<void(std::chrono::milliseconds)> sleep;
  std::function<double()> uniform;  // in [0, 1]
};
// Sleeps for real; a random number generator a thread, seeded by the system.
[[nodiscard]] RetryEnvironment real_retry_environment();

// The doubled waits themselves, without jitter, slept by `sleep`; empty: this thread sleeps.
[[nodiscard]] RetryEnvironment without_jitter(std::function<void(std::chrono::milliseconds)> sleep);

// Whether to try again after `attempt` tries that failed: waits first. False, at once, past the policy's attempts or
// where the wait would reach its deadline.
[[nodiscard]] bool wait_to_retry(const RetryPolicy& policy, const RetryEnvironment& environment, int attempt);

// What `call` returns, a Result or Status, once it succeeded, failed with what `again` (asked only where there is an
// attempt left) does not want tried again, or the policy ends it.
template <typename Call, typename Again = bool (*)(const Error&)>
auto retry(const RetryPolicy& policy, const RetryEnvironment& environment, Call&& call, Again&& again = is_retriable) {
  for (int attempt = 1;; ++attempt) {
    auto outcome = call();
    if (outcome || attempt >= policy.max_attempts || !again(outcome.error()) ||
        !wait_to_retry(policy, environment, attempt)) {
      return outcome;
    }
  }
}

}  // namespace facepipe
