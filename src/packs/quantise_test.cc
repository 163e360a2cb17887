#include "packs/quantise.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <random>
#include <utility>
#include <vector>

namespace facepipe::packs {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;

TEST(ActivationScale, TakesTheWholeOfUint8AndHoldsZeroExactly) {
  const ActivationScale both = activation_scale({-1.0F, 1.55F});
  EXPECT_NEAR(both.scale, 0.01F, 1e-8);
  EXPECT_EQ(both.zero_point, 100);
  const ActivationScale positive = activation_scale({0.5F, 2.55F});  // widened to 0
  EXPECT_NEAR(positive.scale, 0.01F, 1e-8);
  EXPECT_EQ(positive.zero_point, 0);
  EXPECT_EQ(activation_scale({-2.55F, -1.0F}).zero_point, 255);
}

TEST(ActivationScale, OfNothingButZeroIsOne) {
  for (const ValueRange range : {ValueRange{0, 0}, ValueRange{0, std::numeric_limits<float>::denorm_min()}}) {
    EXPECT_EQ(activation_scale(range).scale, 1.0F);
    EXPECT_EQ(activation_scale(range).zero_point, 0);
  }
  // The width of this range is no float32.
  constexpr float kMax = std::numeric_limits<float>::max();
  EXPECT_EQ(activation_scale({-kMax, kMax}).scale, 1.0F);
}

TEST(Quantise, RoundsHalvesToTheEvenAndSaturates) {
  const ActivationScale scale{.scale = 0.5F, .zero_point = 10};
  EXPECT_EQ(quantise(0.0F, scale), 10);
  EXPECT_EQ(quantise(0.25F, scale), 10);  // 0.5 -> 0
  EXPECT_EQ(quantise(0.75F, scale), 12);  // 1.5 -> 2
  EXPECT_EQ(quantise(-0.5F, scale), 9);
  EXPECT_EQ(quantise(-5.5F, scale), 0);
  EXPECT_EQ(quantise(1000.0F, scale), 255);
}

using Bin = ValueHistogram::Bin;

std::vector<std::pair<float, std::uint64_t>> contents(const ValueHistogram& histogram) {
  std::vector<std::pair<float, std::uint64_t>> found;
  for (const Bin& bin : histogram.bins()) {
    found.emplace_back(bin.value, bin.count);
  }
  return found;
}

TEST(ValueHistogram, CountsAroundMultiplesOfAWidthThatTheFirstValuesSet) {
  ValueHistogram histogram;
  histogram.add(std::array{0.0F, 0.0F});
  EXPECT_THAT(contents(histogram), ElementsAre(Pair(0.0F, 2U)));
  histogram.add(std::array{-1.0F, 2048.0F, 0.2F});  // a width of 1: room for 4096
  histogram.add(std::array{0.0F, 4096.0F, -1.4F});
  EXPECT_THAT(contents(histogram), ElementsAre(Pair(-1.0F, 2U), Pair(0.0F, 4U), Pair(2048.0F, 1U), Pair(4096.0F, 1U)));
}

TEST(ValueHistogram, LargerValuesDoubleTheWidth) {
  ValueHistogram histogram;
  histogram.add(std::array{2048.0F, 100.0F, 101.0F, -100.0F});
  histogram.add(std::array{-16'384.0F});  // four times what there is room for
  EXPECT_THAT(contents(histogram),
              ElementsAre(Pair(-16'384.0F, 1U), Pair(-100.0F, 1U), Pair(100.0F, 2U), Pair(2048.0F, 1U)));
}

TEST(ValueHistogram, OfNothingIsEmptyAndTinyValuesAreZeros) {
  EXPECT_TRUE(ValueHistogram().bins().empty());
  ValueHistogram histogram;
  histogram.add(std::array{std::numeric_limits<float>::denorm_min(), 0.0F});
  EXPECT_THAT(contents(histogram), ElementsAre(Pair(0.0F, 2U)));
}

ValueHistogram histogram_of(const std::vector<float>& values) {
  ValueHistogram histogram;
  histogram.add(values);
  return histogram;
}

TEST(BestRange, KeepsARangeThatIsUsedEvenly) {
  std::vector<float> values;
  for (int i = 0; i <= 255; ++i) {
    values.push_back(static_cast<float>(i) / 255.0F);
  }
  const ValueRange range = best_range(histogram_of(values), {0, 1});
  EXPECT_EQ(range.low, 0.0F);
  EXPECT_EQ(range.high, 1.0F);
  EXPECT_EQ(best_range({}, {-3, 2}).low, -3.0F);
}

TEST(BestRange, CutsOffOneValueThatIsFarFromManyOthers) {
  std::vector<float> values;
  for (int i = 0; i < 100'000; ++i) {
    values.push_back(static_cast<float>(i % 1000) / 1000.0F);
  }
  values.push_back(4.0F);
  const ValueRange range = best_range(histogram_of(values), {-2, 4});
  EXPECT_LT(range.high, 4.0F);
  EXPECT_GT(range.high, 1.0F);
  EXPECT_NEAR(range.low, -range.high / 2, 1e-6);  // both ends by the same share
}

TEST(QuantiseWeights, EachOutputChannelHasItsOwnScale) {
  // Two channels of two inputs, [2,2,1,1]; no pair limits them: one weight of each is far larger.
  const std::vector<float> weights{1.27F, 0.0F, 0.001F, -0.254F};
  const QuantisedWeights quantised = quantise_weights(weights, std::array<std::int64_t, 4>{2, 2, 1, 1});
  EXPECT_THAT(quantised.values, ElementsAre(127, 0, 0, -127));  // 0.001 is half a step of 0.002, to the even 0
  EXPECT_NEAR(quantised.scales[0], 0.01F, 1e-8);
  EXPECT_NEAR(quantised.scales[1], 0.002F, 1e-9);
}

TEST(QuantiseWeights, AChannelOfZerosStaysZero) {
  const QuantisedWeights quantised =
      quantise_weights(std::array{0.0F, 0.0F, 1e-44F}, std::array<std::int64_t, 4>{1, 3, 1, 1});
  EXPECT_THAT(quantised.values, ElementsAre(0, 0, 0));
  EXPECT_EQ(quantised.scales[0], 1.0F);
}

TEST(QuantiseWeights, LargeNeighboursShareTheRange) {
  // The pair of two ones is the limit: 64 + 64. Opposite signs do not add up, and leave the whole range.
  EXPECT_THAT(quantise_weights(std::array{1.0F, 1.0F, -1.0F, 1.0F}, std::array<std::int64_t, 4>{1, 4, 1, 1}).values,
              ElementsAre(64, 64, -64, 64));
  EXPECT_THAT(quantise_weights(std::array{1.0F, -1.0F}, std::array<std::int64_t, 4>{1, 2, 1, 1}).values,
              ElementsAre(127, -127));
  // Neighbours are input channels at one place: here 1 with 0 and 0 with 1, although the ones lie side by side in
  // memory.
  EXPECT_THAT(quantise_weights(std::array{1.0F, 1.0F, 0.0F, 0.0F}, std::array<std::int64_t, 4>{1, 2, 1, 2}).values,
              ElementsAre(127, 127, 0, 0));
}

TEST(QuantiseWeights, NoPairOfNeighboursOverflows16Bits) {
  for (unsigned seed = 0; seed < 50; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    std::normal_distribution<float> normal;
    const std::array<std::int64_t, 4> shape{3, 1 + seed % 7, 1 + seed % 3, 1 + seed % 2};
    const std::int64_t inputs = shape[1];
    const std::int64_t positions = shape[2] * shape[3];
    std::vector<float> weights(static_cast<std::size_t>(shape[0] * inputs * positions));
    std::ranges::generate(weights, [&] { return normal(random); });
    const QuantisedWeights quantised = quantise_weights(weights, shape);
    for (std::int64_t output = 0; output < shape[0]; ++output) {
      std::vector<int> ordered;  // as the kernel multiplies them
      for (std::int64_t position = 0; position < positions; ++position) {
        for (std::int64_t input = 0; input < inputs; ++input) {
          ordered.push_back(
              quantised.values[static_cast<std::size_t>((output * inputs + input) * positions + position)]);
        }
      }
      for (std::size_t k = 0; k + 1 < ordered.size(); k += 2) {
        const int positive = 255 * (std::max(ordered[k], 0) + std::max(ordered[k + 1], 0));
        const int negative = 255 * (std::min(ordered[k], 0) + std::min(ordered[k + 1], 0));
        EXPECT_LE(positive, 32'767);
        EXPECT_GE(negative, -32'768);
      }
    }
  }
}

TEST(MeanShift, IsWhatRoundingAddsToTheMean) {
  // At the second place both weights are 0. The pair of the first sets the scale.
  const std::array<std::int64_t, 4> shape{1, 2, 1, 2};
  const std::vector<float> weights{1.0F, 0.0F, 0.004F, 0.0F};
  constexpr double kScale = 1.004 / 127.5;
  const QuantisedWeights quantised = quantise_weights(weights, shape);
  ASSERT_THAT(quantised.values, ElementsAre(127, 0, 1, 0));
  const std::vector<double> shift = mean_shift(weights, shape, quantised, std::array{5.0, 100.0});
  ASSERT_EQ(shift.size(), 1U);
  EXPECT_NEAR(shift[0], (127 * kScale - 1.0) * 5 + (kScale - 0.004) * 100, 1e-5);
}

TEST(QuantiseBias, IsInUnitsOfTheProductsAndSaturates) {
  EXPECT_THAT(quantise_bias(std::array{1.0F, -1.0F, 1e12F, -1e12F}, std::array{0.5, 0.0, 0.0, 0.0}, 0.125F,
                            std::array{0.25F, 0.5F, 0.25F, 0.25F}),
              ElementsAre(16, -16, std::numeric_limits<std::int32_t>::max(), std::numeric_limits<std::int32_t>::min()));
}

}  // namespace
}  // namespace facepipe::packs
