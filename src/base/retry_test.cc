#include "base/retry.h"

#include <gtest/gtest.h>

#include <vector>

namespace facepipe {
namespace {

using std::chrono::milliseconds;

// A call that fails as often as it is told to, and an environment that notes the waits.
struct Script {
  int failures = 0;
  ErrorCode code = ErrorCode::kUnavailable;
  int calls = 0;
  std::vector<milliseconds> slept = {};

  Result<int> call() { return ++calls <= failures ? Result<int>(Error{code, "failed"}) : Result<int>(calls); }
  RetryEnvironment environment(double uniform = 1.0) {
    return {[this](milliseconds time) { slept.push_back(time); }, [uniform] { return uniform; }};
  }
};

TEST(Retry, DelaysDoubleUpToTheCapWithFullJitter) {
  const RetryPolicy policy{.base = milliseconds{100}, .cap = milliseconds{350}};
  EXPECT_EQ(retry_delay(policy, 1, 1.0), milliseconds{100});
  EXPECT_EQ(retry_delay(policy, 2, 1.0), milliseconds{200});
  EXPECT_EQ(retry_delay(policy, 3, 1.0), milliseconds{350});
  EXPECT_EQ(retry_delay(policy, 1'000, 1.0), milliseconds{350});
  EXPECT_EQ(retry_delay(policy, 2, 0.5), milliseconds{100});
  EXPECT_EQ(retry_delay(policy, 0, 7.0), milliseconds{100});
  EXPECT_EQ(retry_delay(policy, 2, 0.0), milliseconds{0});
}

TEST(Retry, WhatMayPassIsTriedAgain) {
  Script script{.failures = 2};
  const auto outcome = retry({}, script.environment(), [&] { return script.call(); });
  ASSERT_TRUE(outcome) << outcome.error().message;
  EXPECT_EQ(*outcome, 3);
  EXPECT_EQ(script.slept, (std::vector{milliseconds{100}, milliseconds{200}}));
}

TEST(Retry, TheLastErrorComesBackAfterTheLastAttempt) {
  Script script{.failures = 9, .code = ErrorCode::kTimeout};
  const auto outcome = retry({.max_attempts = 3}, script.environment(), [&] { return script.call(); });
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, ErrorCode::kTimeout);
  EXPECT_EQ(script.calls, 3);
  EXPECT_EQ(script.slept.size(), 2U);
}

TEST(Retry, WhatCannotPassIsNotTriedAgain) {
  Script script{.failures = 9, .code = ErrorCode::kPermission};
  EXPECT_FALSE(retry({}, script.environment(), [&] { return script.call(); }));
  EXPECT_EQ(script.calls, 1);
  EXPECT_TRUE(script.slept.empty());
}

TEST(Retry, TheCallerSaysWhatIsTriedAgain) {
  Script script{.failures = 9, .code = ErrorCode::kPermission};
  int asked = 0;
  EXPECT_FALSE(retry(
      {.max_attempts = 3}, script.environment(), [&] { return script.call(); },
      [&](const Error&) { return ++asked < 10; }));
  EXPECT_EQ(script.calls, 3);
  EXPECT_EQ(asked, 2);  // not after the last one
}

TEST(Retry, NoWaitReachesTheDeadline) {
  Script script{.failures = 9};
  const RetryPolicy policy{.deadline = std::chrono::steady_clock::now() + milliseconds{50}};
  EXPECT_FALSE(retry(policy, script.environment(), [&] { return script.call(); }));
  EXPECT_EQ(script.calls, 1);
  EXPECT_TRUE(script.slept.empty());
}

TEST(Retry, WithoutJitterTheWaitsAreTheDoubledOnes) {
  std::vector<milliseconds> slept;
  const auto environment = without_jitter([&](milliseconds time) { slept.push_back(time); });
  EXPECT_FALSE(retry({.max_attempts = 3}, environment, [] { return Status(Error{ErrorCode::kUnavailable, "away"}); }));
  EXPECT_EQ(slept, (std::vector{milliseconds{100}, milliseconds{200}}));
}

TEST(Retry, TheRealRandomNumbersLieInTheInterval) {
  const RetryEnvironment real = real_retry_environment();
  for (int i = 0; i < 100; ++i) {
    const double uniform = real.uniform();
    EXPECT_TRUE(uniform >= 0.0 && uniform <= 1.0) << uniform;
  }
}

}  // namespace
}  // namespace facepipe
