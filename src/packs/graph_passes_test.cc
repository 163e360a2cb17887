#include "packs/graph_passes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "packs/test_graph.h"

namespace facepipe::packs {
namespace {

using testing::distance_of;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::operators_of;
using testing::random_values;
using testing::run_graph;

using Numbers = std::vector<float>;
constexpr std::int64_t kLayerSide = 5;

// Layers on [N,3,5,5], one after the other; the last one's output is the graph's.
struct LayerGraph {
  OnnxGraph graph;
  std::string last = embed::kNetworkInput;
  std::int64_t channels = 3;
  unsigned seed = 1;

  LayerGraph() {
    graph.name = "layers";
    graph.input = embed::kNetworkInput;
    graph.input_shape = {"N", std::int64_t{3}, kLayerSide, kLayerSide};
  }
  LayerGraph& node(const std::string& op, std::vector<std::string> inputs, std::vector<OnnxAttribute> attributes = {}) {
    const std::string output = op + std::to_string(graph.nodes.size());
    graph.nodes.push_back({op, output, std::move(inputs), {output}, std::move(attributes)});
    last = output;
    return *this;
  }
  std::string constant(std::vector<std::int64_t> shape, Numbers values) {
    std::string name = "c" + std::to_string(graph.initializers.size());
    graph.initializers[name] = {std::move(shape), std::move(values)};
    return name;
  }
  LayerGraph& conv(std::int64_t out, bool bias = true) {
    const auto count = static_cast<std::size_t>(out * channels * 9);
    std::vector<std::string> inputs{last, constant({out, channels, 3, 3}, random_values(seed++, count))};
    if (bias) {
      inputs.push_back(constant({out}, random_values(seed++, static_cast<std::size_t>(out))));
    }
    channels = out;
    return node("Conv", std::move(inputs), {{"pads", std::vector<std::int64_t>{1, 1, 1, 1}}});
  }
  LayerGraph& batch_norm(float epsilon = 0.01F) {
    const auto count = static_cast<std::size_t>(channels);
    Numbers variance = random_values(seed++, count);
    for (float& value : variance) {
      value = value * value + 0.1F;
    }
    const std::string scale = constant({channels}, random_values(seed++, count));
    const std::string shift = constant({channels}, random_values(seed++, count));
    const std::string mean = constant({channels}, random_values(seed++, count));
    return node("BatchNormalization", {last, scale, shift, mean, constant({channels}, variance)},
                {{"epsilon", epsilon}});
  }
  LayerGraph& prelu(Numbers slopes) {
    const auto count = static_cast<std::int64_t>(slopes.size());
    return node("PRelu", {last, constant({count, 1, 1}, std::move(slopes))});
  }
  OnnxGraph done() {
    graph.output = last;
    graph.output_shape = {"N", "C", "H", "W"};
    return graph;
  }
};

Numbers two_pictures() {
  return random_values(99, 2 * 3 * kLayerSide * kLayerSide);
}

void expect_the_same(const OnnxGraph& before, const OnnxGraph& after, double tolerance) {
  const Numbers a = run_graph(before, two_pictures(), kLayerSide);
  EXPECT_LE(distance_of(a, run_graph(after, two_pictures(), kLayerSide)), tolerance);
  EXPECT_GT(*std::ranges::max_element(a), 0.1F) << "a network of zeros tells nothing";
}

TEST(GraphPasses, ABatchNormGoesIntoItsConvolution) {
  for (const bool bias : {true, false}) {
    const OnnxGraph before = LayerGraph().conv(4, bias).batch_norm().node("Relu", {"BatchNormalization1"}).done();
    OnnxGraph after = before;
    ASSERT_TRUE(fold_batch_norms(after));
    drop_unused(after);
    EXPECT_THAT(operators_of(after), ElementsAre("Conv", "Relu"));
    EXPECT_EQ(after.initializers.size(), 2U);
    expect_the_same(before, after, 2e-5);
  }
}

TEST(GraphPasses, ABatchNormElsewhereStays) {
  // Of the input; of what two take; of a convolution whose weights another one has, too.
  const OnnxGraph first = LayerGraph().batch_norm().conv(4).done();
  LayerGraph two;
  two.conv(4).batch_norm().node("Add", {"Conv0", "BatchNormalization1"});
  LayerGraph shared;
  shared.conv(3).batch_norm();
  shared.node("Conv", {shared.last, "c0", "c1"}, {{"pads", std::vector<std::int64_t>{1, 1, 1, 1}}});
  for (const OnnxGraph& before : {first, two.done(), shared.done()}) {
    OnnxGraph after = before;
    ASSERT_TRUE(fold_batch_norms(after));
    EXPECT_EQ(operators_of(after), operators_of(before));
    expect_the_same(before, after, 0);
  }
}

TEST(GraphPasses, ABatchNormThatMakesNoNumberIsNamed) {
  LayerGraph layers;
  layers.conv(2).batch_norm();
  OnnxGraph graph = layers.done();
  graph.initializers.at(graph.nodes[1].inputs[4]).values[1] = -1;
  const Status folded = fold_batch_norms(graph);
  ASSERT_FALSE(folded);
  EXPECT_EQ(folded.error().message, "batch norm 'BatchNormalization1' makes values that are not finite");
  OnnxGraph few = layers.done();
  few.initializers.at(few.nodes[1].inputs[1]) = {{1}, {1}};
  const Status refused = fold_batch_norms(few);
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, HasSubstr("expected 2 constants"));
}

TEST(GraphPasses, APreluBetweenConvolutionsLosesAMultiplicationAndIsExactToARounding) {
  const OnnxGraph before =
      LayerGraph().conv(4).prelu({0.25F, -9, 9, 0}).conv(4).prelu({1, 0.5F, -0.5F, 2}).conv(2).done();
  OnnxGraph after = before;
  rewrite_prelus(after);
  EXPECT_THAT(operators_of(after), ElementsAre("Conv", "Relu", "Mul", "Add", "Conv", "Relu", "Mul", "Add", "Conv"));
  expect_the_same(before, after, 3e-4);  // values reach some hundreds
}

TEST(GraphPasses, APreluElsewhereIsTheSumOfItsHalves) {
  LayerGraph residual;
  residual.conv(3).prelu({0.25F, -9, 9}).node("Add", {residual.last, embed::kNetworkInput});
  const OnnxGraph last = LayerGraph().conv(3).prelu({0.25F, -9, 9}).done();
  const OnnxGraph first = LayerGraph().prelu({0.25F, -9, 9}).conv(3).done();
  for (const OnnxGraph& before : {residual.done(), last, first}) {
    OnnxGraph after = before;
    rewrite_prelus(after);
    EXPECT_THAT(operators_of(after), ::testing::Not(::testing::Contains("PRelu")));
    EXPECT_EQ(after.nodes.size(), before.nodes.size() + 3);
    expect_the_same(before, after, 1e-4);
  }
}

TEST(GraphPasses, TensorFlowsPreluIsRecognised) {
  LayerGraph layers;
  layers.conv(3).node("Relu", {"Conv0"}).node("Abs", {"Conv0"}).node("Sub", {"Conv0", "Abs2"});
  layers.node("Mul", {layers.constant({3, 1, 1}, {0.125F, -4.5F, 4.5F}), "Sub3"});
  const OnnxGraph before = layers.node("Add", {"Mul4", "Relu1"}).done();
  OnnxGraph after = before;
  recognise_prelus(after);
  EXPECT_THAT(operators_of(after), ElementsAre("Conv", "PRelu"));
  EXPECT_THAT(after.initializers.at(after.nodes[1].inputs[1]).values, ElementsAre(0.25F, -9, 9));
  expect_the_same(before, after, 1e-5);
  // x - |y| is none, and |x| - x has another sign.
  for (const std::vector<std::string>& operands : {std::vector<std::string>{"Conv0", "Relu1"}, {"Abs2", "Conv0"}}) {
    OnnxGraph other = before;
    other.nodes[3].inputs = operands;
    recognise_prelus(other);
    EXPECT_THAT(operators_of(other), ::testing::Not(::testing::Contains("PRelu")));
  }
}

TEST(GraphPasses, WhatDoesNothingIsTakenOut) {
  LayerGraph layers;
  layers.conv(3).node("Identity", {"Conv0"}).node("Dropout", {"Identity1"}).node("Relu", {"Dropout2"});
  const OnnxGraph before = layers.done();
  OnnxGraph after = before;
  drop_identities(after);
  EXPECT_THAT(operators_of(after), ElementsAre("Conv", "Relu"));
  expect_the_same(before, after, 0);
  OnnxGraph last = LayerGraph().conv(3).node("Identity", {"Conv0"}).done();
  drop_identities(last);
  EXPECT_EQ(last.nodes.size(), 2U) << "it makes the output";
}

}  // namespace
}  // namespace facepipe::packs
