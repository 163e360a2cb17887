#include "evaluate/folds.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace facepipe::evaluate {
namespace {

constexpr float kNever = std::numeric_limits<float>::infinity();

TEST(Folds, BestThresholdByHand) {
  EXPECT_DOUBLE_EQ(best_threshold({{0.5F, true, 0}, {1.5F, false, 0}}), 1.0);
  // Right answers at 0.125, 0.375, 0.75, 1.25, 1.5: 2, 3, 2, 3, 2. Of 0.375 and 1.25 the lower.
  EXPECT_DOUBLE_EQ(best_threshold({{0.25F, true, 0}, {0.5F, false, 0}, {1.0F, true, 0}, {1.5F, false, 0}}), 0.375);
  EXPECT_DOUBLE_EQ(best_threshold({{0.5F, true, 0}, {1.0F, true, 0}, {kNever, false, 0}}), 1.0);
  EXPECT_DOUBLE_EQ(best_threshold({{0.5F, false, 0}}), 0.25);
  EXPECT_DOUBLE_EQ(best_threshold({{0, false, 0}}), -1);  // not even a distance of 0 is accepted
  // Equal distances are accepted together: one right and two wrong.
  EXPECT_DOUBLE_EQ(best_threshold({{1.0F, true, 0}, {1.0F, false, 0}, {1.0F, false, 0}}), 0.5);
}

// Folds 0 and 1 choose each other's threshold: fold 1 alone says 1.0, which has one of fold 0's four pairs wrong; fold
// 0 alone says 0.5 (0.25 and 0.75 around), with which both of fold 1's are right. Mean of 3/4 and 1; deviation sqrt(2)
// / 8, by the root of 2.
TEST(Folds, TwoFoldsByHand) {
  const std::vector<ScoredPair> pairs = {{0.125F, true, 0}, {0.25F, true, 0}, {0.75F, false, 0},
                                         {1.75F, false, 0}, {0.25F, true, 1}, {1.75F, false, 1}};
  const auto accuracy = fold_accuracy(pairs, 2);
  ASSERT_TRUE(accuracy) << accuracy.error().message;
  EXPECT_EQ(accuracy->thresholds, (std::vector<double>{1.0, 0.5}));
  EXPECT_EQ(accuracy->accuracy, (std::vector<double>{0.75, 1.0}));
  EXPECT_DOUBLE_EQ(accuracy->mean, 0.875);
  EXPECT_DOUBLE_EQ(accuracy->standard_error, 0.125);
}

TEST(Folds, AFaceThatWasNotFoundIsNotAccepted) {
  const std::vector<ScoredPair> pairs = {{0.25F, true, 0}, {kNever, true, 0}, {kNever, false, 0}, {1.0F, false, 0}};
  const auto accuracy = fold_accuracy(pairs, 1);
  ASSERT_TRUE(accuracy) << accuracy.error().message;
  EXPECT_DOUBLE_EQ(accuracy->mean, 0.75);
  EXPECT_DOUBLE_EQ(accuracy->standard_error, 0);
}

TEST(Folds, WhereNoFaceWasFoundAtAllNothingIsAccepted) {
  EXPECT_DOUBLE_EQ(best_threshold({{kNever, true, 0}, {kNever, true, 0}}), 0);
  const std::vector<ScoredPair> pairs = {{kNever, true, 0}, {kNever, false, 0}, {kNever, true, 1}, {kNever, true, 1}};
  const auto accuracy = fold_accuracy(pairs, 2);
  ASSERT_TRUE(accuracy) << accuracy.error().message;
  EXPECT_EQ(accuracy->accuracy, (std::vector<double>{0.5, 0}));
}

TEST(Folds, WhatDoesNotFitIsRefused) {
  const std::vector<ScoredPair> one = {{1, true, 0}};
  EXPECT_EQ(fold_accuracy(one, 2).error().message,
            "expected a pair in each of 2 folds, found none in number 2: take fewer folds");
  EXPECT_FALSE(fold_accuracy(std::vector<ScoredPair>{{1, true, 1}}, 1));
  EXPECT_FALSE(fold_accuracy(std::vector<ScoredPair>{{std::nanf(""), true, 0}}, 1));
  EXPECT_FALSE(fold_accuracy({}, 0));
}

}  // namespace
}  // namespace facepipe::evaluate
