#include "detect/mtcnn/layers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <numeric>

#include "detect/mtcnn/crop_nets.h"

namespace facepipe::detect {
namespace {

using ::testing::HasSubstr;

weights::Tensor counting_tensor(std::vector<std::int64_t> shape) {
  weights::Tensor tensor;
  tensor.shape = std::move(shape);
  std::int64_t size = 1;
  for (const std::int64_t extent : tensor.shape) {
    size *= extent;
  }
  tensor.values.resize(static_cast<std::size_t>(size));
  std::iota(tensor.values.begin(), tensor.values.end(), 1.0F);
  return tensor;
}

weights::StateDict conv_dict(std::vector<std::int64_t> shape) {
  weights::StateDict dict;
  dict["c.bias"] = counting_tensor({shape[0]});
  dict["p.weight"] = counting_tensor({shape[0]});
  dict["c.weight"] = counting_tensor(std::move(shape));
  return dict;
}

TEST(LoadRowConv, PutsOutChannelsLast) {
  const auto layer = load_row_conv(conv_dict({2, 3, 3, 3}), "c", "p", 3, 2);
  ASSERT_TRUE(layer.has_value());
  // weight[out 1][in 2][row 0][column 1] = 1 + 27 + 18 + 1
  EXPECT_EQ(layer->weights.data()[((2 * 9) + 1) * 2 + 1], 47.0F);
  EXPECT_EQ(layer->bias.data()[1], 2.0F);
  EXPECT_EQ(layer->slope.data()[1], 2.0F);
}

TEST(LoadConv, PacksBlocksAndPadsWithZeros) {
  const auto layer = load_conv(conv_dict({40, 2, 2, 2}), "c", "p", {2, 40, 2, 0});
  ASSERT_TRUE(layer.has_value());
  EXPECT_EQ(layer->padded_out_channels, 48);
  // weight[out 35][in 1][row 0][column 1] lies in the second block, 16 wide, at tap (0 * 2 + 1) * 2 + 1, place 3.
  EXPECT_EQ(layer->weights.data()[32 * 8 + 3 * 16 + 3], 1.0F + 35 * 8 + 4 + 1);
  EXPECT_EQ(layer->weights.data()[32 * 8 + 3 * 16 + 8], 0.0F);  // channel 40: padding
  EXPECT_EQ(layer->bias.data()[40], 0.0F);
  EXPECT_EQ(layer->slope.data()[39], 40.0F);
}

TEST(LoadConv, WithoutAnActivationHasSlopeOne) {
  const auto layer = load_conv(conv_dict({16, 1, 1, 1}), "c", "", {1, 16, 1, 0});
  ASSERT_TRUE(layer.has_value());
  EXPECT_EQ(layer->slope.data()[5], 1.0F);
}

// The file's order is [column, row, channel].
TEST(LoadFlatten, ReordersInputsToRowColumnChannel) {
  const auto layer = load_flatten(conv_dict({16, 12}), "c", "p", {2, 3, 16});
  ASSERT_TRUE(layer.has_value());
  // Input [column 1][row 0][channel 2] of out 0 is value 1 + 6 + 2; here it is tap (0 * 2 + 1) * 3 + 2.
  EXPECT_EQ(layer->weights.data()[5 * 16], 9.0F);
  EXPECT_EQ(layer->weights.data()[8 * 16], 6.0F);
}

TEST(LoadHeads, LieSideBySide) {
  weights::StateDict dict;
  dict["a.weight"] = counting_tensor({2, 3});
  dict["a.bias"] = counting_tensor({2});
  dict["b.weight"] = counting_tensor({4, 3});
  dict["b.bias"] = counting_tensor({4});
  const std::array<Head, 2> heads = {{{"a", 2}, {"b", 4}}};
  const auto layer = load_heads(dict, heads, 3);
  ASSERT_TRUE(layer.has_value());
  EXPECT_EQ(layer->out_channels, 6);
  EXPECT_EQ(layer->weights.data()[2 * 16 + 1], 6.0F);  // a's last input and output
  EXPECT_EQ(layer->weights.data()[0 * 16 + 2], 1.0F);  // b's first
  EXPECT_EQ(layer->bias.data()[5], 4.0F);
}

TEST(Loaders, NameTheMissingTensor) {
  weights::StateDict dict = conv_dict({16, 1, 1, 1});
  dict.erase("c.bias");
  const auto layer = load_conv(dict, "c", "p", {1, 16, 1, 0});
  ASSERT_FALSE(layer.has_value());
  EXPECT_EQ(layer.error().code, ErrorCode::kInvalidData);
  EXPECT_THAT(layer.error().message, HasSubstr("c.bias [16]"));
}

TEST(Loaders, NameTheMisshapenTensorWithBothShapes) {
  const auto layer = load_conv(conv_dict({16, 1, 3, 3}), "c", "p", {1, 16, 1, 0});
  ASSERT_FALSE(layer.has_value());
  EXPECT_EQ(layer.error().code, ErrorCode::kInvalidData);
  EXPECT_THAT(layer.error().message, HasSubstr("c.weight to be [16,1,1,1], it is [16,1,3,3]"));
}

TEST(Loaders, RefuseATensorWithFewerValuesThanItsShapeSays) {
  weights::StateDict dict = conv_dict({16, 1, 1, 1});
  dict["c.weight"].values.pop_back();
  EXPECT_FALSE(load_conv(dict, "c", "p", {1, 16, 1, 0}).has_value());
}

TEST(Loaders, RefuseValuesThatAreNotFinite) {
  for (const float bad : {std::nanf(""), std::numeric_limits<float>::infinity()}) {
    weights::StateDict dict = conv_dict({16, 1, 1, 1});
    dict["p.weight"].values[7] = bad;
    const auto layer = load_conv(dict, "c", "p", {1, 16, 1, 0});
    ASSERT_FALSE(layer.has_value());
    EXPECT_THAT(layer.error().message, HasSubstr("finite values in p.weight"));
  }
}

TEST(FaceProbability, IsTheSoftmaxAndDoesNotOverflow) {
  EXPECT_FLOAT_EQ(face_probability(0, 0), 0.5F);
  EXPECT_FLOAT_EQ(face_probability(1, 2), 0.7310586F);
  EXPECT_FLOAT_EQ(face_probability(-1000, 1000), 1.0F);
  EXPECT_FLOAT_EQ(face_probability(1000, -1000), 0.0F);
}

}  // namespace
}  // namespace facepipe::detect
