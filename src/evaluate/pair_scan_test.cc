#include "evaluate/pair_scan.h"

#include <gtest/gtest.h>

#include <atomic>
#include <cmath>
#include <limits>

#include "evaluate/parallel.h"

namespace facepipe::evaluate {
namespace {

// 60 rows of 8 values around the centres of 15 people, from a linear congruential generator.
EmbeddingTable generated_table() {
  std::uint32_t state = 12'345;
  const auto next = [&] {
    state = state * 1'664'525U + 1'013'904'223U;
    return static_cast<float>((state >> 16U) & 1'023U) / 1'024 - 0.5F;
  };
  constexpr std::size_t kPeople = 15;
  EmbeddingTable table;
  table.size = 8;
  std::vector<float> centres(kPeople * table.size);
  for (float& value : centres) {
    value = next();
  }
  for (std::size_t i = 0; i < 60; ++i) {
    table.person.push_back(i % kPeople);
    for (std::size_t k = 0; k < table.size; ++k) {
      table.values.push_back(centres[(i % kPeople) * table.size + k] + 0.875F * next());
    }
  }
  return table;
}

EmbeddingTable four_rows() {
  return {2, {0, 0, 0, 1, 10, 0, 10, 1}, {7, 7, 3, 3}};
}

// Genuine: 1 and 1. Impostor: 10, 10, and twice the root of 101.
TEST(PairScan, FourRowsByHand) {
  PairScanOptions options;
  options.rates = {0.5, 0.25, 0.001};
  options.worst = 3;
  const auto scan = scan_pairs(four_rows(), options);
  ASSERT_TRUE(scan) << scan.error().message;
  EXPECT_EQ(scan->genuine_pairs, 2U);
  EXPECT_EQ(scan->impostor_pairs, 4U);
  ASSERT_EQ(scan->points.size(), 3U);
  ASSERT_TRUE(scan->points[0].threshold);
  EXPECT_NEAR(*scan->points[0].threshold, (10 + std::sqrt(101.0F)) / 2, 1e-5);
  EXPECT_DOUBLE_EQ(scan->points[0].false_rate, 0.5);
  EXPECT_DOUBLE_EQ(scan->points[0].true_rate, 1);
  EXPECT_FLOAT_EQ(*scan->points[1].threshold, 5);  // of the two at 10 one alone cannot be accepted
  EXPECT_DOUBLE_EQ(scan->points[1].false_rate, 0);
  EXPECT_FALSE(scan->points[2].threshold);
  EXPECT_EQ(scan->nearest_right, 4U);
  ASSERT_EQ(scan->closest_impostors.size(), 3U);
  EXPECT_EQ(scan->closest_impostors[0].first, 0U);
  EXPECT_EQ(scan->closest_impostors[0].second, 2U);
  EXPECT_EQ(scan->closest_impostors[1].first, 1U);
  EXPECT_EQ(scan->closest_impostors[1].second, 3U);
  EXPECT_FLOAT_EQ(scan->closest_impostors[2].distance, std::sqrt(101.0F));
  ASSERT_EQ(scan->farthest_genuine.size(), 2U);
}

// The counts that plain Python made of the same rows, in doubles, with every distance sorted.
TEST(PairScan, EqualToAnotherProgram) {
  PairScanOptions options;
  options.rates = {0.1, 0.01, 0.001};
  options.worst = 3;
  for (const std::size_t threads : {std::size_t{1}, std::size_t{4}}) {
    options.threads = threads;
    std::size_t last = 0;
    options.progress = [&](std::size_t done) { last = done; };
    const auto scan = scan_pairs(generated_table(), options);
    ASSERT_TRUE(scan) << scan.error().message;
    EXPECT_EQ(last, 60U);
    EXPECT_EQ(scan->genuine_pairs, 90U);
    EXPECT_EQ(scan->impostor_pairs, 1'680U);
    EXPECT_NEAR(scan->points[0].threshold.value_or(0), 1.1273190, 1e-6);
    EXPECT_DOUBLE_EQ(scan->points[0].true_rate, 62.0 / 90);
    EXPECT_DOUBLE_EQ(scan->points[0].false_rate, 168.0 / 1'680);
    EXPECT_NEAR(scan->points[1].threshold.value_or(0), 0.7951044, 1e-6);
    EXPECT_DOUBLE_EQ(scan->points[1].true_rate, 15.0 / 90);
    EXPECT_DOUBLE_EQ(scan->points[1].false_rate, 16.0 / 1'680);
    EXPECT_NEAR(scan->points[2].threshold.value_or(0), 0.4890454, 1e-6);
    EXPECT_DOUBLE_EQ(scan->points[2].true_rate, 0);
    EXPECT_EQ(scan->nearest_right, 37U);
    EXPECT_NEAR(equal_error_rate(curve_of(scan->impostor, scan->genuine)), 0.1555, 5e-4);
    ASSERT_EQ(scan->closest_impostors.size(), 3U);
    EXPECT_NEAR(scan->closest_impostors[0].distance, 0.4722188, 1e-6);
    EXPECT_NEAR(scan->closest_impostors[2].distance, 0.6073965, 1e-6);
    ASSERT_EQ(scan->farthest_genuine.size(), 3U);
    EXPECT_NEAR(scan->farthest_genuine[0].distance, 1.4232662, 1e-6);
  }
}

TEST(PairScan, WhatCannotBeComparedIsRefused) {
  EmbeddingTable strangers = four_rows();
  strangers.person = {0, 1, 2, 3};
  EXPECT_EQ(scan_pairs(strangers, {}).error().message,
            "expected pairs of one person and of different people, found 0 and 6");
  EmbeddingTable alone = four_rows();
  alone.person = {0, 0, 0, 0};
  EXPECT_FALSE(scan_pairs(alone, {}));
  EmbeddingTable short_of_values = four_rows();
  short_of_values.values.pop_back();
  EXPECT_EQ(scan_pairs(short_of_values, {}).error().message, "expected 2 values for each of 4 faces, found 7 in all");
  EmbeddingTable infinite = four_rows();
  infinite.values[0] = std::numeric_limits<float>::infinity();
  EXPECT_FALSE(scan_pairs(infinite, {}));
  PairScanOptions bad_rate;
  bad_rate.rates = {1};
  EXPECT_FALSE(scan_pairs(four_rows(), bad_rate));
  const std::size_t many = kMaxScanRows + 1;
  EXPECT_EQ(scan_pairs({1, std::vector<float>(many), std::vector<std::size_t>(many)}, {}).error().code,
            ErrorCode::kTooLarge);
}

TEST(Parallel, EveryIndexOnce) {
  for (const std::size_t threads : {std::size_t{1}, std::size_t{3}, std::size_t{64}}) {
    std::vector<std::atomic<int>> calls(50);
    for_each_index(calls.size(), threads, [&](std::size_t i, std::size_t worker) {
      EXPECT_LT(worker, threads);
      ++calls[i];
    });
    for (const auto& count : calls) {
      EXPECT_EQ(count, 1);
    }
  }
  for_each_index(0, 4, [](std::size_t, std::size_t) { FAIL(); });
}

}  // namespace
}  // namespace facepipe::evaluate
