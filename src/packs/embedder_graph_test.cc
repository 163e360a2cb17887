#include "packs/embedder_graph.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "packs/test_graph.h"

namespace facepipe::packs {
namespace {

using testing::distance_of;
using ::testing::HasSubstr;
using testing::operators_of;
using testing::random_values;
using testing::run_graph;

constexpr int kMeanSide = 4;
using Shape = std::vector<OnnxDimension>;
constexpr std::int64_t kThree = 3;
constexpr std::int64_t kFour = 4;

// The mean of each colour, as files write it: [batch,3,4,4] -> [batch,3].
OnnxGraph means(const Shape& input, const Shape& output) {
  OnnxGraph graph;
  graph.opset = 11;
  graph.input = "file:data";
  graph.input_shape = input;
  graph.output = "file:embeddings";  // a name that ours could meet
  graph.output_shape = output;
  graph.nodes = {{"GlobalAveragePool", "pool", {"file:data"}, {"file:pool"}, {}},
                 {"Flatten", "flat", {"file:pool"}, {"file:embeddings"}, {}}};
  return graph;
}

std::vector<float> unit_means(const std::vector<float>& pictures) {
  std::vector<float> all;
  for (std::size_t picture = 0; picture < pictures.size() / 48; ++picture) {
    std::array<double, 3> mean{};
    for (std::size_t i = 0; i < 48; ++i) {
      mean.at(i / 16) += double{pictures[picture * 48 + i]} / 16;
    }
    const double norm = std::sqrt(mean[0] * mean[0] + mean[1] * mean[1] + mean[2] * mean[2]);
    for (const double value : mean) {
      all.push_back(static_cast<float>(value / norm));
    }
  }
  return all;
}

void expect_unit_means(const Result<OnnxGraph>& graph) {
  ASSERT_TRUE(graph) << graph.error().message;
  EXPECT_EQ(graph->input, embed::kNetworkInput);
  EXPECT_EQ(graph->output, embed::kNetworkOutput);
  EXPECT_EQ(embedding_size_of(*graph), 3);
  const std::vector<float> pictures = random_values(1, 3 * 48);
  EXPECT_LE(distance_of(run_graph(*graph, pictures, kMeanSide), unit_means(pictures)), 1e-6);
  const Status tried = try_embedder(write_onnx(*graph), {kMeanSide, 3});
  EXPECT_TRUE(tried) << tried.error().message;
}

std::string embedder_refusal(const OnnxGraph& graph, const EmbedderShape& shape) {
  const auto made = embedder_graph(graph, shape);
  EXPECT_FALSE(made);
  return made ? "" : made.error().message;
}

TEST(EmbedderGraph, AnyBatchAndAFixedOneBecomeTheEmbeddersForm) {
  expect_unit_means(embedder_graph(means({"N", kThree, kFour, kFour}, {"N", kThree}), {kMeanSide, std::nullopt}));
  expect_unit_means(embedder_graph(means({std::int64_t{1}, kThree, "H", "W"}, {}), {kMeanSide, 3}));
}

TEST(EmbedderGraph, ReshapesOfAFixedBatchAreFreed) {
  OnnxGraph graph = means({std::int64_t{1}, kThree, kFour, kFour}, {std::int64_t{1}, kThree});
  graph.integers["file:shape"] = {{2}, {1, -1}};
  graph.nodes[1] = {"Reshape", "rows", {"file:pool", "file:shape"}, {"file:embeddings"}, {}};
  expect_unit_means(embedder_graph(graph, {kMeanSide, std::nullopt}));
}

TEST(EmbedderGraph, ChannelsMayBeLast) {
  OnnxGraph graph = means({"N", kFour, kFour, kThree}, {"N", kThree, std::int64_t{1}, std::int64_t{1}});
  graph.nodes = {{"Transpose", "t", {"file:data"}, {"file:t"}, {{"perm", std::vector<std::int64_t>{0, 3, 1, 2}}}},
                 {"GlobalAveragePool", "pool", {"file:t"}, {"file:embeddings"}, {}}};
  expect_unit_means(embedder_graph(graph, {kMeanSide, std::nullopt}));
}

TEST(EmbedderGraph, LaterOperatorSetsHaveTheirOwnNorm) {
  for (const std::int64_t opset : {7, 13, 18, 22}) {
    OnnxGraph graph = means({"N", kThree, kFour, kFour}, {"N", kThree});
    graph.opset = opset;
    expect_unit_means(embedder_graph(graph, {kMeanSide, std::nullopt}));
  }
}

TEST(EmbedderGraph, OtherShapesAreNamed) {
  const Shape output{"N", kThree};
  EXPECT_THAT(embedder_refusal(means({"N", kThree, kFour, kFour}, output), {5, std::nullopt}),
              HasSubstr("takes [?,3,4,4], the preprocessing makes pictures of 5x5"));
  EXPECT_THAT(embedder_refusal(means({"N", std::int64_t{1}, kFour, kFour}, output), {kMeanSide, std::nullopt}),
              HasSubstr("input is [?,1,4,4], expected [N,3,S,S] or [N,S,S,3]"));
  EXPECT_THAT(
      embedder_refusal(means({"N", kThree, kFour, kFour}, {"N", kThree, kFour, kFour}), {kMeanSide, std::nullopt}),
      HasSubstr("output is [?,3,4,4], expected [N,D]"));
  EXPECT_THAT(embedder_refusal(means({"N", kThree, kFour, kFour}, output), {kMeanSide, 512}),
              HasSubstr("embedding_size is 512, the network makes 3"));
  EXPECT_THAT(embedder_refusal(means({"N", kThree, kFour, kFour}, {}), {kMeanSide, std::nullopt}),
              HasSubstr("give embedding_size"));
}

TEST(EmbedderGraph, WhatIsNoEmbedderIsFoundByTrying) {
  // Each picture minus the mean of all: a face among others gets another embedding.
  OnnxGraph graph = means({"N", kThree, kFour, kFour}, {"N", kThree});
  graph.nodes[1].outputs = {"file:flat"};
  graph.nodes.push_back({"ReduceMean",
                         "all",
                         {"file:flat"},
                         {"file:all"},
                         {{"axes", std::vector<std::int64_t>{0}}, {"keepdims", std::int64_t{1}}}});
  graph.initializers["file:half"] = {{}, {0.5F}};
  graph.nodes.push_back({"Mul", "half", {"file:all", "file:half"}, {"file:halved"}, {}});
  graph.nodes.push_back({"Sub", "sub", {"file:flat", "file:halved"}, {"file:embeddings"}, {}});
  const auto made = embedder_graph(graph, {kMeanSide, std::nullopt});
  ASSERT_TRUE(made) << made.error().message;
  const Status tried = try_embedder(write_onnx(*made), {kMeanSide, 3});
  ASSERT_FALSE(tried);
  EXPECT_THAT(tried.error().message, HasSubstr("it is written for one at a time"));
  // Nothing but zeros.
  OnnxGraph zeros = means({"N", kThree, kFour, kFour}, {"N", kThree});
  zeros.nodes[1].outputs = {"file:flat"};
  zeros.nodes.push_back({"Sub", "sub", {"file:flat", "file:flat"}, {"file:embeddings"}, {}});
  const auto empty = embedder_graph(zeros, {kMeanSide, std::nullopt});
  ASSERT_TRUE(empty) << empty.error().message;
  const Status refused = try_embedder(write_onnx(*empty), {kMeanSide, 3});
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, HasSubstr("a vector of length 0"));
}

}  // namespace
}  // namespace facepipe::packs
