#include "evaluate/distances.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <random>

namespace facepipe::evaluate {
namespace {

TEST(SmallestDistances, EqualToSortingThemAll) {
  std::mt19937 random(3);  // NOLINT: a fixed seed, so that a failure repeats
  for (const std::size_t keep : {std::size_t{1}, std::size_t{2}, std::size_t{7}, std::size_t{500}}) {
    std::vector<float> all;
    SmallestDistances first(keep);
    SmallestDistances second(keep);
    for (int i = 0; i < 400; ++i) {
      all.push_back(static_cast<float>(random() % 97) / 32);  // with ties
      (i % 3 == 0 ? first : second).add(all.back());
    }
    first.merge(second);
    std::sort(all.begin(), all.end());
    EXPECT_EQ(first.count(), all.size());
    all.resize(std::min(all.size(), keep));
    EXPECT_EQ(first.sorted(), all) << keep;
  }
}

TEST(DistanceHistogram, RoundsUpToAThousandth) {
  DistanceHistogram histogram;
  for (const float distance : {0.0F, 0.0005F, 0.5F, 2.0F, 2.5F, std::numeric_limits<float>::infinity()}) {
    histogram.add(distance);
  }
  EXPECT_EQ(histogram.count(), 6U);
  EXPECT_EQ(histogram.at_most(0), 1U);
  EXPECT_EQ(histogram.at_most(1), 2U);
  EXPECT_EQ(histogram.at_most(499), 2U);
  EXPECT_EQ(histogram.at_most(500), 3U);
  EXPECT_EQ(histogram.at_most(2000), 4U);
  DistanceHistogram twice;
  twice.merge(histogram);
  twice.merge(histogram);
  EXPECT_EQ(twice.at_most(500), 6U);
}

TEST(Curve, RatesAndTheirEqualPoint) {
  DistanceHistogram wrong;
  DistanceHistogram right;
  for (const float distance : {0.75F, 1.25F, 1.5F, 1.75F}) {
    wrong.add(distance);
  }
  for (const float distance : {0.25F, 0.5F, 0.625F, 1.0F}) {
    right.add(distance);
  }
  const std::vector<CurvePoint> curve = curve_of(wrong, right);
  ASSERT_FALSE(curve.empty());
  EXPECT_DOUBLE_EQ(curve.front().threshold, 0);
  EXPECT_DOUBLE_EQ(curve.back().threshold, 2);
  const auto at = std::find_if(curve.begin(), curve.end(), [](const CurvePoint& p) { return p.threshold == 0.75; });
  ASSERT_NE(at, curve.end());
  EXPECT_DOUBLE_EQ(at->false_rate, 0.25);
  EXPECT_DOUBLE_EQ(at->true_rate, 0.75);
  EXPECT_DOUBLE_EQ(equal_error_rate(curve), 0.25);
  for (std::size_t i = 1; i < curve.size(); ++i) {
    EXPECT_LT(curve[i - 1].threshold, curve[i].threshold);
    EXPECT_LE(curve[i - 1].false_rate, curve[i].false_rate);
  }
  EXPECT_LT(curve.size(), 30U);  // steps at which nothing changes are left out
  EXPECT_TRUE(curve_of(wrong, DistanceHistogram()).empty());
  EXPECT_DOUBLE_EQ(equal_error_rate({}), 0);
}

// Between (false 0, missed 0.5) and (false 0.5, missed 0) the two are equal at 0.25.
TEST(Curve, EqualPointBetweenTwoSteps) {
  EXPECT_DOUBLE_EQ(equal_error_rate({{0.1, 0, 0.5}, {0.2, 0.5, 1}}), 0.25);
}

}  // namespace
}  // namespace facepipe::evaluate
