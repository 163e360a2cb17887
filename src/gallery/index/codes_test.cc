#include "gallery/index/codes.h"

#include <gtest/gtest.h>
#include <hwy/highway.h>

#include <algorithm>
#include <cmath>
#include <random>

namespace facepipe::gallery {
namespace {

// In double, from the definition.
double distance_to_code(const std::vector<float>& row, const std::vector<std::int8_t>& code, float scale) {
  double sum = 0;
  for (std::size_t i = 0; i < row.size(); ++i) {
    const double difference = static_cast<double>(row[i]) - static_cast<double>(scale) * code[i];
    sum += difference * difference;
  }
  return std::sqrt(sum);
}

TEST(Codes, ARowIsWithinTheErrorOfItsCode) {
  std::mt19937 random(3);  // NOLINT: a fixed seed, so that a failure repeats
  std::normal_distribution<float> normal;
  for (const float spread : {1e-44F, 1e-30F, 0.07F, 1.0F, 1e18F}) {
    for (int round = 0; round < 50; ++round) {
      std::vector<float> row(1 + random() % 200);
      std::ranges::generate(row, [&] { return spread * normal(random); });
      std::vector<std::int8_t> code(row.size());
      const CodeTerms terms = encode(row, code);
      EXPECT_LE(distance_to_code(row, code, terms.scale), static_cast<double>(terms.error)) << spread;
      // Half a step a value is all that rounding may take.
      const double most = 0.51 * static_cast<double>(terms.scale) * std::sqrt(static_cast<double>(row.size()));
      EXPECT_LE(static_cast<double>(terms.error), std::max(most, 1e-42)) << spread;
    }
  }
}

TEST(Codes, LiteralValues) {
  std::vector<std::int8_t> code(4);
  const CodeTerms terms = encode(std::vector<float>{254, -127, 1.5F, 0}, code);
  EXPECT_EQ(code, (std::vector<std::int8_t>{127, -64, 1, 0}));  // -63.5 goes to the even neighbour
  EXPECT_EQ(terms.scale, 2.0F);
  EXPECT_EQ(terms.squared_norm, 254.0F * 254 + 128 * 128 + 4);
  EXPECT_FLOAT_EQ(terms.error, std::sqrt(1.25F));
}

TEST(Codes, ZerosHaveACodeOfZeros) {
  std::vector<std::int8_t> code(3, 1);
  const CodeTerms terms = encode(std::vector<float>(3), code);
  EXPECT_EQ(code, std::vector<std::int8_t>(3));
  EXPECT_EQ(terms.scale, 0.0F);
  EXPECT_EQ(terms.squared_norm, 0.0F);
}

TEST(CodeDots, EveryVectorWidthAgreesWithTheDefinition) {
  std::mt19937 random(4);  // NOLINT: a fixed seed, so that a failure repeats
  std::size_t widths = 0;
  for (const std::int64_t target : hwy::SupportedAndGeneratedTargets()) {
    hwy::SetSupportedTargetsForTest(target);
    hwy::GetChosenTarget().Update(target);
    ++widths;
    for (std::size_t size = 1; size < 140; ++size) {
      std::vector<std::int8_t> codes(size * 3);
      std::vector<std::int8_t> probe(size);
      for (auto* values : {&codes, &probe}) {
        std::ranges::generate(*values,
                              [&] { return static_cast<std::int8_t>(static_cast<int>(random() % 255) - 127); });
      }
      std::vector<std::int32_t> dots(3);
      code_dots(codes, widened(probe), dots);
      for (std::size_t row = 0; row < dots.size(); ++row) {
        std::int32_t expected = 0;
        for (std::size_t i = 0; i < size; ++i) {
          expected += codes[row * size + i] * probe[i];
        }
        ASSERT_EQ(dots[row], expected) << hwy::TargetName(target) << " " << size;
      }
    }
  }
  hwy::SetSupportedTargetsForTest(0);
  hwy::GetChosenTarget().DeInit();
  EXPECT_GE(widths, 1U);
}

TEST(CodeDots, TheLongestRowOfTheLargestCodesFits) {
  const std::vector<std::int8_t> codes(65'536, 127);
  std::vector<std::int32_t> dots(1);
  code_dots(codes, widened(codes), dots);
  EXPECT_EQ(dots[0], 65'536 * 127 * 127);
}

}  // namespace
}  // namespace facepipe::gallery
