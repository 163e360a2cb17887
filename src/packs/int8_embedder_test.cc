#include "packs/int8_embedder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

#include "embed/graph_session.h"
#include "image/test_pictures.h"
#include "packs/inception_resnet_v1.h"
#include "packs/test_pack.h"
#include "packs/test_weights.h"

namespace facepipe::packs {
namespace {

using embed::kNetworkInput;
using embed::kNetworkOutput;
using ::testing::HasSubstr;

model::Preprocessing preprocessing() {
  model::Preprocessing mode = *model::known_mode("standard");
  mode.input_px = 80;
  return mode;
}

std::vector<image::RgbImage> crops(std::size_t count, int side = 80) {
  std::vector<image::RgbImage> made;
  for (std::size_t i = 0; i < count; ++i) {
    made.push_back(image::testing::random_picture(static_cast<unsigned>(i), side, side));
  }
  return made;
}

// Random weights.
OnnxGraph network() {
  auto graph = inception_resnet_v1_graph(testing::RandomWeights(1).inception_resnet_v1(8));
  EXPECT_TRUE(graph) << graph.error().message;
  return *std::move(graph);
}

TEST(Int8Embedder, IsCloseToItsNetworkAndAThirdOfItsSize) {
  const OnnxGraph graph = network();
  const auto int8 = make_int8_embedder(graph, crops(kMinCalibrationFaces), preprocessing());
  ASSERT_TRUE(int8) << int8.error().message;
  EXPECT_GE(int8->cosine, kMinInt8Cosine);
  EXPECT_LE(int8->cosine, 1.0 + 1e-6);
  EXPECT_LT(int8->onnx.size(), write_onnx(graph).size() / 3);
}

TEST(Int8Embedder, EqualInputsGiveEqualBytes) {
  const OnnxGraph graph = network();
  const auto first = make_int8_embedder(graph, crops(kMinCalibrationFaces), preprocessing());
  const auto second = make_int8_embedder(graph, crops(kMinCalibrationFaces), preprocessing());
  ASSERT_TRUE(first && second);
  EXPECT_TRUE(first->onnx == second->onnx);
}

TEST(Int8Embedder, TooFewFacesAreRefusedWithBothNumbers) {
  const auto int8 = make_int8_embedder({}, crops(7), preprocessing());
  ASSERT_FALSE(int8);
  EXPECT_EQ(int8.error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(int8.error().message, "calibration: expected 8 to 2048 faces, got 7");
}

TEST(Int8Embedder, CropsOfAnotherSizeAreRefused) {
  const auto int8 = make_int8_embedder({}, crops(8, 79), preprocessing());
  ASSERT_FALSE(int8);
  EXPECT_EQ(int8.error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(int8.error().message, "calibration: expected crops of 80 pixels, got one of 79x79");
}

TEST(Int8Embedder, ConvolutionsInGroupsAreRefused) {
  OnnxGraph graph = network();
  for (OnnxNode& node : graph.nodes) {
    if (node.op_type == "Conv") {
      node.attributes.push_back({"group", std::int64_t{32}});
      break;
    }
  }
  const auto int8 = make_int8_embedder(graph, crops(8), preprocessing());
  ASSERT_FALSE(int8);
  EXPECT_EQ(int8.error().code, ErrorCode::kUnsupported);
  EXPECT_THAT(int8.error().message, ::testing::HasSubstr("works in 32 groups, expected one"));
}

TEST(Int8Embedder, ANetworkThatInt8WouldSpoilIsRefusedWithBothCosines) {
  // The embedding is what two far larger values leave when they are subtracted: 8 bits do not hold it.
  OnnxGraph graph;
  graph.name = "cancelling";
  graph.input = kNetworkInput;
  graph.output = kNetworkOutput;
  graph.input_shape = {"N", std::int64_t{3}, "H", "W"};
  graph.output_shape = {"N", std::int64_t{3}};
  const std::vector<std::int64_t> kernel{1, 1};
  graph.initializers["w1"] = {{3, 3, 1, 1}, {0.01F, 0, 0, 0, 0.01F, 0, 0, 0, 0.01F}};
  graph.initializers["b1"] = {{3}, {1000, 1000, 1000}};
  graph.initializers["w2"] = {{3, 3, 1, 1}, {1, 0, 0, 0, 1, 0, 0, 0, 1}};
  graph.initializers["b2"] = {{3}, {-1000, -1000, -1000}};
  graph.nodes = {{"Conv", "up", {kNetworkInput, "w1", "b1"}, {"up"}, {{"kernel_shape", kernel}}},
                 {"Conv", "down", {"up", "w2", "b2"}, {"down"}, {{"kernel_shape", kernel}}},
                 {"GlobalAveragePool", "mean", {"down"}, {"mean"}, {}},
                 {"Flatten", "flatten", {"mean"}, {"flatten"}, {{"axis", std::int64_t{1}}}},
                 {"LpNormalization", "normalise", {"flatten"}, {kNetworkOutput}, {{"axis", std::int64_t{1}}}}};
  const auto int8 = make_int8_embedder(graph, crops(8), preprocessing());
  ASSERT_FALSE(int8);
  EXPECT_EQ(int8.error().code, ErrorCode::kInvalidData);
  EXPECT_THAT(int8.error().message, HasSubstr("expected a mean cosine of 0.985"));
}

}  // namespace
}  // namespace facepipe::packs
