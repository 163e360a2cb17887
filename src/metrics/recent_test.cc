#include "metrics/recent.h"

#include <gtest/gtest.h>

namespace facepipe::metrics {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

TEST(Recent, NothingAtFirst) {
  const Recent recent;
  EXPECT_EQ(recent.summary().count, 0);
  EXPECT_EQ(recent.summary().per_second, 0);
  EXPECT_EQ(recent.summary().median, std::nullopt);
}

TEST(Recent, QuantilesAndRateOfTheWindow) {
  const Recent::Clock::time_point begin{};
  Recent recent(seconds(10), 1'000, begin);
  for (int i = 1; i <= 100; ++i) {
    recent.observe(i, begin + milliseconds(100 * i));
  }
  const Recent::Summary now = recent.summary(begin + seconds(10));
  EXPECT_EQ(now.count, 100);
  EXPECT_DOUBLE_EQ(now.per_second, 10);
  EXPECT_EQ(now.median, 50);
  EXPECT_EQ(now.p99, 99);
  const Recent::Summary later = recent.summary(begin + seconds(15));
  EXPECT_EQ(later.count, 51) << "those of the last ten seconds";
  EXPECT_EQ(later.median, 75);
  EXPECT_EQ(recent.summary(begin + seconds(21)).count, 0);
}

TEST(Recent, YoungOnesRateIsOfTheirOwnTime) {
  const Recent::Clock::time_point begin{};
  Recent recent(seconds(60), 1'000, begin);
  for (int i = 0; i < 20; ++i) {
    recent.observe(1, begin + milliseconds(100 * i));
  }
  EXPECT_DOUBLE_EQ(recent.summary(begin + seconds(2)).per_second, 10);
}

TEST(Recent, PastItsCapacityTheRateIsThatOfTheLastOnes) {
  const Recent::Clock::time_point begin{};
  Recent recent(seconds(60), 100, begin);
  for (int i = 0; i < 5'000; ++i) {
    recent.observe(i, begin + milliseconds(10 * i));
  }
  const Recent::Summary now = recent.summary(begin + milliseconds(50'000));
  EXPECT_EQ(now.count, 100);
  EXPECT_NEAR(now.per_second, 100, 1);
  EXPECT_EQ(now.median, 4949);
}

}  // namespace
}  // namespace facepipe::metrics
