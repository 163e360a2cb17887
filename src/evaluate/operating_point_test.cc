#include "evaluate/operating_point.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <vector>

namespace facepipe::evaluate {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();
const std::vector<float> kTenWrong = {0.5F, 0.6F, 0.7F, 0.8F, 0.9F, 1.0F, 1.1F, 1.2F, 1.3F, 1.4F};
const std::vector<float> kRight = {0.1F, 0.2F, 0.64F, 0.66F};

OperatingPoint point_of(const std::vector<float>& wrong, double rate) {
  return operating_point(wrong, wrong.size(), kRight, rate);
}

TEST(OperatingPoint, HalfwayBetweenTheLastAcceptedAndTheFirstRejected) {
  const OperatingPoint point = point_of(kTenWrong, 0.2);  // 0.5 and 0.6 may be accepted
  ASSERT_TRUE(point.threshold);
  EXPECT_FLOAT_EQ(*point.threshold, 0.65F);
  EXPECT_DOUBLE_EQ(point.false_rate, 0.2);
  EXPECT_DOUBLE_EQ(point.true_rate, 0.75);
}

TEST(OperatingPoint, TheAllowedNumberIsRoundedDown) {
  const OperatingPoint point = point_of(kTenWrong, 0.19);
  ASSERT_TRUE(point.threshold);
  EXPECT_FLOAT_EQ(*point.threshold, 0.55F);
  EXPECT_DOUBLE_EQ(point.false_rate, 0.1);
}

TEST(OperatingPoint, EqualDistancesNeverAcceptMoreThanAllowed) {
  const OperatingPoint point = point_of({0.4F, 0.6F, 0.6F, 0.6F, 0.9F}, 0.4);  // two may be accepted
  ASSERT_TRUE(point.threshold);
  EXPECT_FLOAT_EQ(*point.threshold, 0.5F);
  EXPECT_DOUBLE_EQ(point.false_rate, 0.2);
  const OperatingPoint all_alike = point_of({0.6F, 0.6F}, 0.5);
  ASSERT_TRUE(all_alike.threshold);
  EXPECT_FLOAT_EQ(*all_alike.threshold, 0.3F);
  EXPECT_DOUBLE_EQ(all_alike.false_rate, 0);
}

TEST(OperatingPoint, NeighbouringFloatsAreKeptApart) {
  const float low = 0.5F;
  const OperatingPoint point = point_of({low, std::nextafter(low, 1.0F)}, 0.5);
  ASSERT_TRUE(point.threshold);
  EXPECT_EQ(*point.threshold, low);
  EXPECT_DOUBLE_EQ(point.false_rate, 0.5);
}

TEST(OperatingPoint, TheSmallestAreEnough) {
  const std::vector<float> smallest = {0.5F, 0.6F, 0.7F};
  const OperatingPoint point = operating_point(smallest, 10, kRight, 0.2);
  ASSERT_TRUE(point.threshold);
  EXPECT_FLOAT_EQ(*point.threshold, 0.65F);
  EXPECT_DOUBLE_EQ(point.false_rate, 0.2);
}

TEST(OperatingPoint, WhatIsNoDistanceIsNeverAccepted) {
  const OperatingPoint point =
      operating_point(std::vector<float>{0.5F, kInfinity, kInfinity}, 3, std::vector<float>{0.25F, kInfinity}, 0.5);
  ASSERT_TRUE(point.threshold);
  EXPECT_FLOAT_EQ(*point.threshold, 0.5F);
  EXPECT_DOUBLE_EQ(point.true_rate, 0.5);
}

TEST(OperatingPoint, NeverAboveTheRateAskedFor) {
  std::mt19937 random(9);  // NOLINT: a fixed seed, so that a failure repeats
  for (int round = 0; round < 300; ++round) {
    std::vector<float> wrong(20 + random() % 200);
    for (float& distance : wrong) {
      distance = static_cast<float>(1 + random() % 50) / 32;  // with many ties
    }
    std::sort(wrong.begin(), wrong.end());
    const double rate = 0.05 + 0.9 * static_cast<double>(random() % 1000) / 1000;
    const OperatingPoint point = point_of(wrong, rate);
    ASSERT_TRUE(point.threshold);
    EXPECT_LE(point.false_rate, rate);
  }
}

TEST(OperatingPoint, WhatTheDataDoNotSupportHasNoThreshold) {
  EXPECT_FALSE(point_of(kTenWrong, 0.001).threshold);
  EXPECT_TRUE(point_of(std::vector<float>(1000, 1.0F), 0.001).threshold);
  EXPECT_FALSE(point_of(std::vector<float>(999, 1.0F), 0.001).threshold);
  EXPECT_FALSE(point_of({0, 0, 0}, 0.5).threshold);  // nothing lies below distance 0
  EXPECT_FALSE(point_of({}, 0.5).threshold);
  for (const double rate : {0.5, 0.1, 0.01, 0.001, 1e-6, 0.3, 0.15}) {
    const std::uint64_t needed = needed_at(rate);
    EXPECT_GE(allowed_at(rate, needed), 1U) << rate;
    EXPECT_EQ(allowed_at(rate, needed - 1), 0U) << rate;
  }
}

TEST(OperatingPoint, Rates) {
  for (const double rate : {0.0, 1.0, -0.1, 2.0, std::nan("")}) {
    EXPECT_FALSE(check_rate(rate)) << rate;
  }
  EXPECT_TRUE(check_rate(0.5));
  EXPECT_EQ(rate_name(0.1), "1e-1");
  EXPECT_EQ(rate_name(1e-6), "1e-6");
  EXPECT_EQ(rate_name(0.05), "0.05");
}

}  // namespace
}  // namespace facepipe::evaluate
