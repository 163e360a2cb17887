// Waiting between tries: exponential back-off with full jitter (AWS Architecture Blog, 2015).
#pragma once

#include <chrono>
#include <functional>

#include "base/result.h"

namespace facepipe {

struct RetryPolicy {
  int max_attempts = 4;  // the first one included
  std::chrono::milliseconds base{100};
  std::chrono::milliseconds cap{5'000};
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

}  // namespace facepipe
