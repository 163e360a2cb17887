#include "gallery/index/codes.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <random>

#include "base/each_vector_width.h"
#include "gallery/index/distance.h"

namespace facepipe::gallery {
namespace {

// A block of one row in lane `lane`, with its fine half.
struct Coded {
  Coded(std::span<const float> row, std::size_t lane)
      : block(coarse_words(row.size()) * kBlockRows), fine(fine_bytes(row.size())) {
    terms = encode(row, lane, block, fine);
    of_block.scales[lane] = terms.scale;
    of_block.squared_norms[lane] = terms.squared_norm;
    of_block.coarse_errors[lane] = terms.coarse_error;
  }
  std::vector<std::uint32_t> block;
  std::vector<std::uint8_t> fine;
  BlockTerms of_block = empty_terms();
  CodeTerms terms;
};

// Value i of lane `lane`, 0 to 255, from the layout's definition.
int code_of(const Coded& coded, std::size_t lane, std::size_t i) {
  const std::uint32_t word = coded.block[i / 8 * kBlockRows + lane];
  const auto coarse = static_cast<int>(word >> (16 * (i % 2) + 4 * (i % 8 / 2)) & 15U);
  const std::size_t half = coded.fine.size();
  const int fine = i < half ? coded.fine[i] & 15 : coded.fine[i - half] >> 4;
  return 16 * coarse + fine;
}

void on_every_width(const std::function<void()>& test) {
  std::size_t widths = 0;
  on_each_vector_width([&](const char* name) {
    SCOPED_TRACE(name);
    test();
    ++widths;
  });
  EXPECT_GE(widths, 1U);
}

TEST(Codes, ARowIsWithinTheErrorsOfItsCodes) {
  std::mt19937 random(3);  // NOLINT: a fixed seed, so that a failure repeats
  std::normal_distribution<float> normal;
  for (const float spread : {1e-44F, 1e-30F, 0.07F, 1.0F, 1e18F}) {
    for (int round = 0; round < 50; ++round) {
      std::vector<float> row(1 + random() % 200);
      std::ranges::generate(row, [&] { return spread * normal(random); });
      const std::size_t lane = random() % kBlockRows;
      const Coded coded(row, lane);
      double coarse = 0;
      double fine = 0;
      for (std::size_t i = 0; i < row.size(); ++i) {
        const int code = code_of(coded, lane, i);
        const double scale = coded.terms.scale;
        coarse += std::pow(static_cast<double>(row[i]) - scale * (code / 16 * 16 - 120), 2);
        fine += std::pow(static_cast<double>(row[i]) - scale * (code - 127.5), 2);
      }
      EXPECT_LE(std::sqrt(coarse), static_cast<double>(coded.terms.coarse_error)) << spread;
      EXPECT_LE(std::sqrt(fine), static_cast<double>(coded.terms.fine_error)) << spread;
      if (spread > 1e-31F) {  // half a step a value is all that rounding may take
        const double step = static_cast<double>(coded.terms.scale) * std::sqrt(static_cast<double>(row.size()));
        EXPECT_LE(static_cast<double>(coded.terms.fine_error), 0.51 * step) << spread;
        EXPECT_LE(static_cast<double>(coded.terms.coarse_error), 8.01 * step) << spread;
      }
    }
  }
}

TEST(Codes, OtherLanesStayAsTheyAre) {
  const std::vector<float> row = {1, -2, 3, 4, 5, 6, 7, 8, 9};
  Coded coded(row, 3);
  const std::vector<std::uint32_t> before = coded.block;
  std::vector<std::uint8_t> fine(fine_bytes(row.size()));
  const std::vector<float> other = {9, 8, 7, 6, 5, 4, 3, 2, 1};
  static_cast<void>(encode(other, 4, coded.block, fine));
  for (std::size_t word = 3; word < before.size(); word += kBlockRows) {
    EXPECT_EQ(coded.block[word], before[word]);
  }
}

// Whatever a row, a probe and a bound are: what is not in doubt is past the bound, by the distance as float computes
// it. A row at exactly the bound, or nearer, is always in doubt.
TEST(Codes, OnlyWhatIsFartherIsSure) {
  on_every_width([] {
    std::mt19937 random(4);  // NOLINT: a fixed seed, so that a failure repeats
    std::normal_distribution<float> normal;
    for (const float scale : {0.0F, 1e-40F, 1e-30F, 1e-19F, 1e-6F, 0.07F, 1e6F, 1e18F, 1e38F}) {
      for (int round = 0; round < 60; ++round) {
        std::vector<float> row(1 + random() % 300);
        std::ranges::generate(row, [&] { return std::clamp(scale * normal(random), -3e38F, 3e38F); });
        std::vector<float> probe = row;
        const float apart = std::pow(10.0F, -static_cast<float>(random() % 9)) * scale;
        std::ranges::for_each(probe,
                              [&](float& value) { value = std::clamp(value + apart * normal(random), -3e38F, 3e38F); });
        const std::size_t lane = random() % kBlockRows;
        const Coded coded(row, lane);
        const CodedProbe beside(probe);
        const float distance = squared_distance(row, probe);
        std::array<float, kBlockRows> products{};
        const std::uint32_t doubt = beside.in_doubt(coded.block, coded.of_block, distance, products);
        EXPECT_TRUE(doubt >> lane & 1U) << scale << " " << apart;
        EXPECT_TRUE(beside.may_be_nearer(coded.fine, coded.terms.scale, coded.terms.squared_norm,
                                         coded.terms.fine_error, products[lane], distance))
            << scale << " " << apart;
      }
    }
  });
}

// The point of it: a row that is well past the bound is not looked at again.
TEST(Codes, WhatIsMuchFartherIsSure) {
  on_every_width([] {
    std::mt19937 random(5);  // NOLINT: a fixed seed, so that a failure repeats
    std::normal_distribution<float> normal;
    for (int round = 0; round < 50; ++round) {
      std::vector<float> row(192);
      std::vector<float> probe(192);
      for (auto* values : {&row, &probe}) {
        std::ranges::generate(*values, [&] { return normal(random) / std::sqrt(192.0F); });
      }
      const Coded coded(row, 7);
      const CodedProbe beside(probe);
      const float distance = squared_distance(row, probe);
      std::array<float, kBlockRows> products{};
      static_cast<void>(beside.in_doubt(coded.block, coded.of_block, 0, products));
      EXPECT_EQ(beside.in_doubt(coded.block, coded.of_block, distance - 0.35F, products), 0U);
      EXPECT_FALSE(beside.may_be_nearer(coded.fine, coded.terms.scale, coded.terms.squared_norm, coded.terms.fine_error,
                                        products[7], distance - 0.03F));
    }
  });
}

TEST(Codes, TheLongestRowOfTheLargestCodesFits) {
  on_every_width([] {
    const std::vector<float> row(65'536, 1);
    const Coded coded(row, 0);
    const CodedProbe beside(row);
    std::array<float, kBlockRows> products{};
    EXPECT_EQ(beside.in_doubt(coded.block, coded.of_block, 1, products) & 1U, 1U);
    EXPECT_FLOAT_EQ(products[0], 7.5F * 2047 * 65'536);
  });
}

}  // namespace
}  // namespace facepipe::gallery
