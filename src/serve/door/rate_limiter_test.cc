#include "serve/door/rate_limiter.h"

#include <gtest/gtest.h>

namespace facepipe::serve {
namespace {

using std::chrono::duration_cast;
using std::chrono::milliseconds;
using Clock = RateLimiter::Clock;

TEST(RateLimiter, ASecondsWorthAtOnceThenAtTheRate) {
  RateLimiter limiter(4);
  Clock::time_point now{};
  for (int i = 0; i < 4; ++i) {
    EXPECT_FALSE(limiter.take("door", now).has_value());
  }
  const auto wait = limiter.take("door", now);
  ASSERT_TRUE(wait.has_value());
  EXPECT_EQ(duration_cast<milliseconds>(*wait), milliseconds(250));
  EXPECT_FALSE(limiter.take("yard", now).has_value());  // another camera's own
  now += milliseconds(250);
  EXPECT_FALSE(limiter.take("door", now).has_value());
  EXPECT_TRUE(limiter.take("door", now).has_value());
  now += std::chrono::hours(1);  // no more than a second's worth is saved up
  for (int i = 0; i < 4; ++i) {
    EXPECT_FALSE(limiter.take("door", now).has_value());
  }
  EXPECT_TRUE(limiter.take("door", now).has_value());
}

TEST(RateLimiter, LessThanOneASecond) {
  RateLimiter limiter(0.5);
  Clock::time_point now{};
  EXPECT_FALSE(limiter.take("door", now).has_value());
  EXPECT_EQ(duration_cast<milliseconds>(limiter.take("door", now).value()), milliseconds(2'000));
  now += milliseconds(2'000);
  EXPECT_FALSE(limiter.take("door", now).has_value());
}

TEST(RateLimiter, TooManyCamerasShareABucketUntilOthersAreForgotten) {
  RateLimiter limiter(1);
  Clock::time_point now{};
  for (int i = 0; i < 10'000; ++i) {
    ASSERT_FALSE(limiter.take(std::to_string(i), now).has_value());
  }
  EXPECT_FALSE(limiter.take("new", now).has_value());
  EXPECT_TRUE(limiter.take("newer", now).has_value());
  now += std::chrono::seconds(2);
  EXPECT_FALSE(limiter.take("newer", now).has_value());
  EXPECT_FALSE(limiter.take("newest", now).has_value());
}

}  // namespace
}  // namespace facepipe::serve
