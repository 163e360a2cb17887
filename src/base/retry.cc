// Tested by retry_test.cc.
#include "base/retry.h"

#include <algorithm>
#include <random>
#include <thread>

namespace facepipe {

std::chrono::milliseconds retry_delay(const RetryPolicy& policy, int attempt, double uniform) {
  const int doublings = std::clamp(attempt - 1, 0, 20);
  const auto longest = std::min<std::chrono::milliseconds::rep>(policy.cap.count(), policy.base.count() << doublings);
  return std::chrono::milliseconds(
      static_cast<std::chrono::milliseconds::rep>(std::clamp(uniform, 0.0, 1.0) * static_cast<double>(longest)));
}

bool is_retriable(const Error& error) {
  return error.code == ErrorCode::kUnavailable || error.code == ErrorCode::kTimeout;
}

RetryEnvironment real_retry_environment() {
  return {[](std::chrono::milliseconds time) { std::this_thread::sleep_for(time); },
          [] {
            thread_local std::mt19937_64 random(std::random_device{}());
            return std::uniform_real_distribution<double>(0.0, 1.0)(random);
          }};
}

RetryEnvironment without_jitter(std::function<void(std::chrono::milliseconds)> sleep) {
  return {sleep ? std::move(sleep) : real_retry_environment().sleep, [] { return 1.0; }};
}

bool wait_to_retry(const RetryPolicy& policy, const RetryEnvironment& environment, int attempt) {
  const auto delay = retry_delay(policy, attempt, environment.uniform());
  if (attempt >= policy.max_attempts ||
      (policy.deadline && std::chrono::steady_clock::now() + delay >= *policy.deadline)) {
    return false;
  }
  environment.sleep(delay);
  return true;
}

}  // namespace facepipe
