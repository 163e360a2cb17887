// Small graphs through calibration, quantisation and the runtime.
#include "packs/qdq_graph.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <limits>
#include <string_view>
#include <vector>

#include "embed/graph_session.h"
#include "packs/test_pack.h"

namespace facepipe::packs {
namespace {

using embed::kNetworkInput;
using embed::kNetworkOutput;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr int kSide = 4;

model::Preprocessing unit() {
  return {.mode = "test", .input_px = kSide, .normalisation = model::Normalisation::kUnit};
}

image::RgbImage plain(std::uint8_t red, std::uint8_t green, std::uint8_t blue) {
  image::RgbImage picture(kSide, kSide);
  for (int y = 0; y < kSide; ++y) {
    for (int x = 0; x < kSide; ++x) {
      picture.row(y)[3 * x] = red;
      picture.row(y)[3 * x + 1] = green;
      picture.row(y)[3 * x + 2] = blue;
    }
  }
  return picture;
}

OnnxNode convolution(const std::string& name, const std::string& input) {
  return {"Conv", name, {input, "w", "b"}, {name}, {{"kernel_shape", std::vector<std::int64_t>{1, 1}}}};
}

// Two 1x1 convolutions of the input, ReLU, side by side, the mean of each of the four channels.
OnnxGraph two_branches() {
  OnnxGraph graph;
  graph.name = "test";
  graph.input = kNetworkInput;
  graph.output = kNetworkOutput;
  graph.input_shape = {"N", std::int64_t{3}, "H", "W"};
  graph.output_shape = {"N", std::int64_t{4}};
  graph.initializers["w"] = {{2, 3, 1, 1}, {1.0F, 0.0F, 0.0F, 0.0F, -0.5F, 0.125F}};
  graph.initializers["b"] = {{2}, {0.5F, 1.0F}};
  graph.nodes = {convolution("left", kNetworkInput),
                 {"Relu", "left.relu", {"left"}, {"left.relu"}, {}},
                 convolution("right", kNetworkInput),
                 {"Concat", "cat", {"left.relu", "right"}, {"cat"}, {{"axis", std::int64_t{1}}}},
                 {"MaxPool", "pool", {"cat"}, {"pool"}, {{"kernel_shape", std::vector<std::int64_t>{1, 1}}}},
                 {"GlobalAveragePool", "mean", {"pool"}, {"mean"}, {}},
                 {"Flatten", "flatten", {"mean"}, {kNetworkOutput}, {{"axis", std::int64_t{1}}}}};
  return graph;
}

std::vector<image::RgbImage> colours() {
  std::vector<image::RgbImage> crops;
  crops.push_back(plain(255, 0, 0));
  crops.push_back(plain(0, 255, 128));
  crops.push_back(plain(51, 102, 255));
  return crops;
}

std::size_t count(ByteView bytes, std::string_view text) {
  std::size_t found = 0;
  const std::string_view all = as_text(bytes);
  for (std::size_t at = all.find(text); at != std::string_view::npos; at = all.find(text, at + 1)) {
    ++found;
  }
  return found;
}

TEST(QdqGraph, NamesTheTensorsThatItNeedsToKnow) {
  EXPECT_THAT(tensors_to_quantise(two_branches()), ElementsAre("left.relu", "right", "cat"));
}

TEST(Calibrate, FindsRangesMeansAndEmbeddings) {
  const OnnxGraph graph = two_branches();
  const auto calibration = calibrate(graph, tensors_to_quantise(graph), colours(), unit());
  ASSERT_TRUE(calibration) << calibration.error().message;
  ASSERT_EQ(calibration->tensors.size(), 4U);
  const TensorStatistics& input = calibration->tensors.at(kNetworkInput);
  EXPECT_EQ(input.range.low, 0.0F);
  EXPECT_EQ(input.range.high, 1.0F);
  EXPECT_THAT(input.channel_means, ElementsAre(::testing::DoubleNear((255 + 0 + 51) / 3.0 / 255, 1e-6),
                                               ::testing::DoubleNear((0 + 255 + 102) / 3.0 / 255, 1e-6),
                                               ::testing::DoubleNear((0 + 128 + 255) / 3.0 / 255, 1e-6)));
  EXPECT_EQ(input.histogram.bins().front().value, 0.0F);
  EXPECT_EQ(input.histogram.bins().front().count, 3U * kSide * kSide);
  EXPECT_EQ(calibration->tensors.at("left.relu").range.high, 1.5F);
  ASSERT_EQ(calibration->embeddings.size(), 3U);
  EXPECT_NEAR(calibration->embeddings[0][0], 1.5F, 1e-6);
  EXPECT_NEAR(calibration->embeddings[2][1], 1.0F - 0.5F * 102 / 255 + 0.125F, 1e-6);
}

TEST(Calibrate, AValueThatIsNotFiniteIsAnErrorThatNamesTheTensor) {
  for (const float bad : {std::numeric_limits<float>::infinity(), std::numeric_limits<float>::quiet_NaN()}) {
    OnnxGraph graph = two_branches();
    graph.initializers["b"].values[0] = bad;
    const auto calibration = calibrate(graph, tensors_to_quantise(graph), colours(), unit());
    ASSERT_FALSE(calibration);
    EXPECT_EQ(calibration.error().code, ErrorCode::kInvalidData);
    EXPECT_THAT(calibration.error().message, HasSubstr("not finite"));
    EXPECT_THAT(calibration.error().message, HasSubstr("'"));
  }
}

TEST(Calibrate, AGraphThatTheRuntimeRefusesIsAnError) {
  OnnxGraph graph = two_branches();
  graph.nodes[0].op_type = "NoSuchOperator";
  const auto calibration = calibrate(graph, tensors_to_quantise(graph), colours(), unit());
  ASSERT_FALSE(calibration);
  EXPECT_EQ(calibration.error().code, ErrorCode::kInvalidData);
}

TEST(QdqGraph, ComputesWhatArithmeticByHandGives) {
  const OnnxGraph graph = two_branches();
  const auto calibration = calibrate(graph, tensors_to_quantise(graph), colours(), unit());
  ASSERT_TRUE(calibration) << calibration.error().message;
  const auto onnx = quantised_onnx(graph, *calibration);
  ASSERT_TRUE(onnx) << onnx.error().message;
  const auto embeddings = embed_crops(*onnx, colours(), unit());
  ASSERT_TRUE(embeddings) << embeddings.error().message;
  // The input's scale is 1/255, so pixels are exact. The concatenation's is 1.5/255: results are at most half of it
  // off, and the rounded weights (0.125 becomes 32 * 0.5/127, 0.8 % too much, on one value of at most 1) add 0.001.
  constexpr float kHalfStep = 1.5F / 255 / 2 + 0.0015F;
  const std::array<std::array<float, 3>, 3> pixels{{{1, 0, 0}, {0, 1, 128.0F / 255}, {0.2F, 0.4F, 1}}};
  for (std::size_t i = 0; i < pixels.size(); ++i) {
    const float first = pixels[i][0] + 0.5F;
    const float second = -0.5F * pixels[i][1] + 0.125F * pixels[i][2] + 1.0F;
    EXPECT_NEAR((*embeddings)[i][0], first, kHalfStep) << i;
    EXPECT_NEAR((*embeddings)[i][1], second, kHalfStep) << i;
    EXPECT_NEAR((*embeddings)[i][2], first, kHalfStep) << i;
    EXPECT_NEAR((*embeddings)[i][3], second, kHalfStep) << i;
  }
}

TEST(QdqGraph, ATensorIsQuantisedOnceHoweverManyReadIt) {
  const OnnxGraph graph = two_branches();
  const auto calibration = calibrate(graph, tensors_to_quantise(graph), colours(), unit());
  ASSERT_TRUE(calibration) << calibration.error().message;
  const auto onnx = quantised_onnx(graph, *calibration);
  ASSERT_TRUE(onnx) << onnx.error().message;
  EXPECT_EQ(count(*onnx, "\x22\x0EQuantizeLinear"), 4U);  // op_type of: input, left.relu, right, cat
  EXPECT_EQ(count(*onnx,
                  "\x22\x10"
                  "DequantizeLinear"),
            8U);  // and of two weights and two biases
}

TEST(QdqGraph, AConvolutionWithoutInitializersIsNamed) {
  OnnxGraph graph = two_branches();
  const auto calibration = calibrate(graph, tensors_to_quantise(graph), colours(), unit());
  ASSERT_TRUE(calibration) << calibration.error().message;
  graph.nodes[2].inputs.pop_back();
  const auto onnx = quantised_onnx(graph, *calibration);
  ASSERT_FALSE(onnx);
  EXPECT_EQ(onnx.error().code, ErrorCode::kInvalidData);
  EXPECT_EQ(onnx.error().message,
            "convolution 'right': expected weights of four dimensions and a bias as initializers");
}

}  // namespace
}  // namespace facepipe::packs
