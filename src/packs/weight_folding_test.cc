#include "packs/weight_folding.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <limits>

namespace facepipe::packs {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::SizeIs;

constexpr std::array<std::int64_t, 4> kShape{2, 1, 1, 2};

weights::StateDict sample() {
  return {
      {"c.weight", {{2, 1, 1, 2}, {1.0F, 2.0F, 3.0F, -4.0F}}},
      {"c.bias", {{2}, {10.0F, 20.0F}}},
      {"n.weight", {{2}, {1.0F, 3.0F}}},
      {"n.bias", {{2}, {0.5F, -1.0F}}},
      {"n.running_mean", {{2}, {2.0F, 4.0F}}},
      {"n.running_var", {{2}, {0.249F, 2.249F}}},  // + epsilon 0.001 = 0.25, 2.25: roots 0.5, 1.5
  };
}

TEST(WeightFolder, FoldsABatchNorm) {
  const weights::StateDict weights = sample();
  WeightFolder folder(weights);
  const Affine folded = folder.with_batch_norm("c.weight", kShape, "n");
  EXPECT_FALSE(folder.error().has_value());
  ASSERT_THAT(folded.weight, SizeIs(4));
  ASSERT_THAT(folded.bias, SizeIs(2));
  EXPECT_FLOAT_EQ(folded.weight[0], 2.0F);  // scales 1/0.5 and 3/1.5
  EXPECT_FLOAT_EQ(folded.weight[1], 4.0F);
  EXPECT_FLOAT_EQ(folded.weight[2], 6.0F);
  EXPECT_FLOAT_EQ(folded.weight[3], -8.0F);
  EXPECT_FLOAT_EQ(folded.bias[0], -3.5F);
  EXPECT_FLOAT_EQ(folded.bias[1], -9.0F);
}

TEST(WeightFolder, FoldsAScaleIntoWeightAndBias) {
  const weights::StateDict weights = sample();
  WeightFolder folder(weights);
  const Affine folded = folder.with_scale("c", kShape, 0.5);
  EXPECT_FALSE(folder.error().has_value());
  EXPECT_THAT(folded.weight, ElementsAre(0.5F, 1.0F, 1.5F, -2.0F));
  EXPECT_THAT(folded.bias, ElementsAre(5.0F, 10.0F));
}

TEST(WeightFolder, NamesATensorThatIsAbsent) {
  weights::StateDict weights = sample();
  weights.erase("n.running_var");
  WeightFolder folder(weights);
  const Affine folded = folder.with_batch_norm("c.weight", kShape, "n");
  ASSERT_TRUE(folder.error().has_value());
  EXPECT_EQ(folder.error()->code, ErrorCode::kInvalidData);
  EXPECT_EQ(folder.error()->message, "tensor 'n.running_var': is absent");
  EXPECT_THAT(folded.weight, ElementsAre(0.0F, 0.0F, 0.0F, 0.0F));
  EXPECT_THAT(folded.bias, ElementsAre(0.0F, 0.0F));
}

TEST(WeightFolder, NamesBothShapes) {
  const weights::StateDict weights = sample();
  WeightFolder folder(weights);
  static_cast<void>(folder.with_scale("c", std::array<std::int64_t, 4>{2, 2, 1, 1}, 1.0));
  ASSERT_TRUE(folder.error().has_value());
  EXPECT_EQ(folder.error()->message, "tensor 'c.weight': expected shape [2,2,1,1], found [2,1,1,2]");
}

TEST(WeightFolder, RefusesAShapeThatItsValuesDoNotFill) {
  weights::StateDict weights = sample();
  weights["c.bias"].values.pop_back();
  WeightFolder folder(weights);
  static_cast<void>(folder.with_scale("c", kShape, 1.0));
  ASSERT_TRUE(folder.error().has_value());
  EXPECT_EQ(folder.error()->message, "tensor 'c.bias': expected 2 values, found 1");
}

TEST(WeightFolder, RefusesValuesThatAreNotFinite) {
  for (const char* name : {"c.weight", "n.weight", "n.bias", "n.running_mean"}) {
    weights::StateDict weights = sample();
    weights[name].values[1] = std::numeric_limits<float>::quiet_NaN();
    WeightFolder folder(weights);
    static_cast<void>(folder.with_batch_norm("c.weight", kShape, "n"));
    ASSERT_TRUE(folder.error().has_value()) << name;
    EXPECT_EQ(folder.error()->message,
              "tensor 'c.weight': with its batch norm, scale and bias makes values that are not finite");
  }
}

TEST(WeightFolder, RefusesANegativeVariance) {
  weights::StateDict weights = sample();
  weights["n.running_var"].values[0] = -1.0F;
  WeightFolder folder(weights);
  static_cast<void>(folder.with_batch_norm("c.weight", kShape, "n"));
  EXPECT_TRUE(folder.error().has_value());
}

TEST(WeightFolder, KeepsTheFirstError) {
  const weights::StateDict weights = sample();
  WeightFolder folder(weights);
  static_cast<void>(folder.with_scale("first", kShape, 1.0));
  const Affine later = folder.with_scale("c", kShape, 1.0);
  EXPECT_THAT(later.weight, Each(0.0F));
  ASSERT_TRUE(folder.error().has_value());
  EXPECT_EQ(folder.error()->message, "tensor 'first.weight': is absent");
}

}  // namespace
}  // namespace facepipe::packs
