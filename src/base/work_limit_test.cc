#include "base/work_limit.h"

#include <gtest/gtest.h>

namespace facepipe {
namespace {

using namespace std::chrono_literals;

TEST(WorkLimit, WithoutOneNothingEnds) {
  const WorkLimit limit;
  EXPECT_FALSE(limit.reached());
  EXPECT_TRUE(limit.check("work").has_value());
}

TEST(WorkLimit, AStopIsUnavailable) {
  std::stop_source source;
  const WorkLimit limit(source.get_token());
  EXPECT_FALSE(limit.reached());
  EXPECT_TRUE(limit.check("the frame").has_value());
  source.request_stop();
  EXPECT_TRUE(limit.reached());
  const Status status = limit.check("the frame");
  ASSERT_FALSE(status.has_value());
  EXPECT_EQ(status.error().code, ErrorCode::kUnavailable);
  EXPECT_EQ(status.error().message, "the frame was ended, since the service stops: send it again");
}

TEST(WorkLimit, APastDeadlineIsATimeoutThatNamesItsBound) {
  const WorkLimit limit = WorkLimit().until(WorkLimit::Clock::now() - 1ms, "2 s (--frame-timeout)");
  EXPECT_TRUE(limit.reached());
  const Status status = limit.check("the frame");
  ASSERT_FALSE(status.has_value());
  EXPECT_EQ(status.error().code, ErrorCode::kTimeout);
  EXPECT_EQ(status.error().message, "the frame took longer than 2 s (--frame-timeout)");
}

TEST(WorkLimit, OfTwoDeadlinesTheSoonerCounts) {
  const auto now = WorkLimit::Clock::now();
  EXPECT_TRUE(WorkLimit().until(now - 1ms, "a").until(now + 1h, "b").reached());
  EXPECT_TRUE(WorkLimit().until(now + 1h, "a").until(now - 1ms, "b").reached());
  EXPECT_FALSE(WorkLimit().until(now + 1h, "a").reached());
}

}  // namespace
}  // namespace facepipe
