#include "image/similarity.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <limits>
#include <random>
#include <vector>

namespace facepipe::image {
namespace {

double squared_error(const Similarity& fitted, std::span<const Point> from, std::span<const Point> to) {
  double error = 0;
  for (std::size_t i = 0; i < from.size(); ++i) {
    const double x = double{from[i].x};
    const double y = double{from[i].y};
    error += std::pow(fitted.a * x - fitted.b * y + fitted.dx - double{to[i].x}, 2) +
             std::pow(fitted.b * x + fitted.a * y + fitted.dy - double{to[i].y}, 2);
  }
  return error;
}

TEST(FitSimilarity, FindsWhatMovedThePoints) {
  const std::vector<Point> from{{0, 0}, {4, 0}, {0, 3}};
  const std::vector<Point> to{{10, 20}, {10, 28}, {4, 20}};  // twice as large, a quarter turn
  const auto fitted = fit_similarity(from, to);
  ASSERT_TRUE(fitted);
  EXPECT_NEAR(fitted->a, 0, 1e-12);
  EXPECT_NEAR(fitted->b, 2, 1e-12);
  EXPECT_NEAR(fitted->dx, 10, 1e-12);
  EXPECT_NEAR(fitted->dy, 20, 1e-12);
  EXPECT_NEAR(fitted->scale(), 2, 1e-12);
  EXPECT_LT(squared_error(*fitted, from, to), 1e-20);
}

TEST(FitSimilarity, NoOtherOneIsNearer) {
  std::mt19937 random(3);  // NOLINT: a fixed seed, so that a failure repeats
  std::uniform_real_distribution<float> coordinate(-50, 50);
  for (int round = 0; round < 100; ++round) {
    std::array<Point, 5> from{};
    std::array<Point, 5> to{};
    for (std::size_t i = 0; i < from.size(); ++i) {
      from.at(i) = {coordinate(random), coordinate(random)};
      to.at(i) = {coordinate(random), coordinate(random)};
    }
    const auto fitted = fit_similarity(from, to);
    ASSERT_TRUE(fitted);
    const double least = squared_error(*fitted, from, to);
    for (const double step : {-1e-3, 1e-3}) {
      EXPECT_GT(squared_error({fitted->a + step, fitted->b, fitted->dx, fitted->dy}, from, to), least);
      EXPECT_GT(squared_error({fitted->a, fitted->b + step, fitted->dx, fitted->dy}, from, to), least);
      EXPECT_GT(squared_error({fitted->a, fitted->b, fitted->dx + step, fitted->dy}, from, to), least);
      EXPECT_GT(squared_error({fitted->a, fitted->b, fitted->dx, fitted->dy + step}, from, to), least);
    }
  }
}

TEST(FitSimilarity, PointsThatSayNothingGiveNone) {
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  const std::vector<Point> square{{1, 1}, {3, 1}, {3, 3}, {1, 3}};
  EXPECT_FALSE(fit_similarity(std::vector<Point>(4, {2, 5}), square));
  EXPECT_FALSE(fit_similarity(square, std::vector<Point>(4, {2, 5})));
  EXPECT_FALSE(fit_similarity(std::vector<Point>{{1, 1}, {3, 1}, {3, kInfinity}, {1, 3}}, square));
  EXPECT_FALSE(fit_similarity(square, std::vector<Point>{{1, 3}, {3, 3}, {3, 1}, {1, 1}})) << "a reflection";
  EXPECT_FALSE(fit_similarity({}, {}));
}

TEST(Similarity, TheInverseLeadsBack) {
  const Similarity there{0.6, -1.7, 12, -40};
  const Similarity back = there.inverse();
  const double x = there.a * 3 - there.b * 7 + there.dx;
  const double y = there.b * 3 + there.a * 7 + there.dy;
  EXPECT_NEAR(back.a * x - back.b * y + back.dx, 3, 1e-12);
  EXPECT_NEAR(back.b * x + back.a * y + back.dy, 7, 1e-12);
}

TEST(Similarity, BoundsAreThoseOfTheCorners) {
  const Bounds bounds = Similarity{0, 2, 100, 50}.bounds(10, 5);  // a quarter turn, twice as large
  EXPECT_DOUBLE_EQ(bounds.left, 90);
  EXPECT_DOUBLE_EQ(bounds.right, 100);
  EXPECT_DOUBLE_EQ(bounds.top, 50);
  EXPECT_DOUBLE_EQ(bounds.bottom, 70);
}

}  // namespace
}  // namespace facepipe::image
