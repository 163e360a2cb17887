#include "packs/weight_folding.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

namespace facepipe::packs {
namespace {

using ::testing::ElementsAre;
using ::testing::SizeIs;

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
  const Affine folded = folder.with_batch_norm("c.weight", "n");
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
  const Affine folded = folder.with_scale("c", 0.5);
  EXPECT_FALSE(folder.error().has_value());
  EXPECT_THAT(folded.weight, ElementsAre(0.5F, 1.0F, 1.5F, -2.0F));
  EXPECT_THAT(folded.bias, ElementsAre(5.0F, 10.0F));
}

TEST(WeightFolder, RefusesValuesThatAreNotFinite) {
  for (const char* name : {"c.weight", "n.weight", "n.bias", "n.running_mean"}) {
    weights::StateDict weights = sample();
    weights[name].values[1] = std::numeric_limits<float>::quiet_NaN();
    WeightFolder folder(weights);
    static_cast<void>(folder.with_batch_norm("c.weight", "n"));
    ASSERT_TRUE(folder.error().has_value()) << name;
    EXPECT_EQ(folder.error()->message,
              "tensor 'c.weight': with its batch norm, scale and bias makes values that are not finite");
  }
}

TEST(WeightFolder, RefusesANegativeVariance) {
  weights::StateDict weights = sample();
  weights["n.running_var"].values[0] = -1.0F;
  WeightFolder folder(weights);
  static_cast<void>(folder.with_batch_norm("c.weight", "n"));
  EXPECT_TRUE(folder.error().has_value());
}

TEST(WeightFolder, KeepsTheFirstError) {
  weights::StateDict weights = sample();
  weights["d.weight"] = {{1, 1, 1, 1}, {std::numeric_limits<float>::infinity()}};
  weights["d.bias"] = {{1}, {0.0F}};
  weights["c.bias"].values[0] = std::numeric_limits<float>::infinity();
  WeightFolder folder(weights);
  static_cast<void>(folder.with_scale("d", 1.0));
  static_cast<void>(folder.with_scale("c", 1.0));
  ASSERT_TRUE(folder.error().has_value());
  EXPECT_THAT(folder.error()->message, ::testing::StartsWith("tensor 'd.weight': "));
}

TEST(WeightFolderDeathTest, TensorsThatAreAbsentOrDoNotFitAreABug) {
  weights::StateDict weights = sample();
  EXPECT_DEATH(static_cast<void>(WeightFolder(weights).with_scale("first", 1.0)), "weights.end");
  weights["c.bias"].values.pop_back();
  EXPECT_DEATH(static_cast<void>(WeightFolder(weights).with_scale("c", 1.0)), "channels");
}

}  // namespace
}  // namespace facepipe::packs
