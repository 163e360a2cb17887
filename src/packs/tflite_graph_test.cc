// Graphs of small TensorFlow Lite files against the operators' definitions, computed here in the file's own layout.
#include "packs/tflite_graph.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>

#include "packs/sources/test_tflite.h"
#include "packs/test_graph.h"

namespace facepipe::packs {
namespace {

using testing::distance_of;
using ::testing::HasSubstr;
using testing::random_values;
using weights::testing::TfliteBuilder;

// [side,side,channels] of one picture.
struct Plane {
  int side = 0;
  int channels = 0;
  std::vector<float> values;
  [[nodiscard]] float at(int y, int x, int c) const {
    return y < 0 || x < 0 || y >= side || x >= side ? 0.0F
                                                    : values[static_cast<std::size_t>((y * side + x) * channels + c)];
  }
};

struct Window {
  int out = 0;
  int kernel = 0;
  int stride = 1;
  int before = 0;  // zeros above and to the left
  bool depthwise = false;
};

// CONV_2D with weights [O,k,k,I], DEPTHWISE_CONV_2D with [1,k,k,O].
Plane convolved(const Plane& in, const Window& window, int channels, const std::vector<float>& weight,
                const std::vector<float>& bias) {
  Plane out{window.out, channels, {}};
  const int per_input = channels / in.channels;
  for (int y = 0; y < window.out; ++y) {
    for (int x = 0; x < window.out; ++x) {
      for (int o = 0; o < channels; ++o) {
        double sum = double{bias[static_cast<std::size_t>(o)]};
        for (int ky = 0; ky < window.kernel; ++ky) {
          for (int kx = 0; kx < window.kernel; ++kx) {
            const int from_y = y * window.stride - window.before + ky;
            const int from_x = x * window.stride - window.before + kx;
            for (int i = 0; i < (window.depthwise ? 1 : in.channels); ++i) {
              const int place = window.depthwise ? (ky * window.kernel + kx) * channels + o
                                                 : ((o * window.kernel + ky) * window.kernel + kx) * in.channels + i;
              sum += double{weight[static_cast<std::size_t>(place)]} *
                     double{in.at(from_y, from_x, window.depthwise ? o / per_input : i)};
            }
          }
        }
        out.values.push_back(static_cast<float>(sum));
      }
    }
  }
  return out;
}

Plane prelu_of(Plane plane, const std::vector<float>& half) {
  for (std::size_t i = 0; i < plane.values.size(); ++i) {
    float& value = plane.values[i];
    value = value < 0 ? 2 * half[i % half.size()] * value : value;
  }
  return plane;
}

std::vector<float> as_planes(const std::vector<float>& pixels, int side) {
  const auto area = static_cast<std::size_t>(side) * static_cast<std::size_t>(side);
  std::vector<float> planes(pixels.size());
  for (std::size_t i = 0; i < pixels.size(); ++i) {
    const std::size_t picture = i / (3 * area);
    const std::size_t pixel = i / 3 % area;
    planes[(picture * 3 + i % 3) * area + pixel] = pixels[i];
  }
  return planes;
}

// 6x6x3 -> 3x3 of stride 2 SAME (uneven: 0 before, 1 after) -> PReLU -> depthwise 3x3 VALID, twice the channels -> a
// row.
TEST(TfliteGraph, ComputesWhatTheFileSaysForAnyNumberOfPictures) {
  constexpr int kPictureSide = 6;
  const std::vector<float> weight = random_values(1, 4 * 3 * 3 * 3);
  const std::vector<float> bias = random_values(2, 4);
  const std::vector<float> half{0.125F, -4.5F, 4.5F, 0};
  const std::vector<float> deep_weight = random_values(3, 3 * 3 * 8);
  const std::vector<float> deep_bias = random_values(4, 8);
  TfliteBuilder builder;
  const int input = builder.tensor({2, kPictureSide, kPictureSide, 3});
  const int conv =
      builder.conv(input, builder.constant({4, 3, 3, 3}, weight), builder.constant({4}, bias), {2, 3, 3, 4}, true, 2);
  const int prelu = builder.prelu(conv, {2, 3, 3, 4}, half);
  const int deep = builder.depthwise(prelu, builder.constant({1, 3, 3, 8}, deep_weight),
                                     builder.constant({8}, deep_bias), {2, 1, 1, 8}, false, 1);
  const int output = builder.flatten(deep, 2, 8);
  const Bytes file = builder.file({input}, {output});
  const auto model = weights::read_tflite(file);
  ASSERT_TRUE(model) << model.error().message;
  const auto graph = tflite_graph(*model);
  ASSERT_TRUE(graph) << graph.error().message;

  const std::vector<float> pixels = random_values(5, 3 * kPictureSide * kPictureSide * 3);
  const std::vector<float> made = testing::run_graph(*graph, as_planes(pixels, kPictureSide), kPictureSide);
  std::vector<float> expected;
  for (std::size_t i = 0; i < 3; ++i) {
    const auto first = pixels.begin() + static_cast<std::ptrdiff_t>(i * kPictureSide * kPictureSide * 3);
    const Plane picture{kPictureSide, 3, {first, first + kPictureSide * kPictureSide * 3}};
    const Plane features = prelu_of(convolved(picture, {3, 3, 2, 0, false}, 4, weight, bias), half);
    const Plane row = convolved(features, {1, 3, 1, 0, true}, 8, deep_weight, deep_bias);
    expected.insert(expected.end(), row.values.begin(), row.values.end());
  }
  EXPECT_LE(distance_of(made, expected),
            5e-5);  // values reach some dozens; a wrong neighbour moves them by whole numbers
}

// A network of one operator on [1,4,4,3].
struct OneOperator {
  TfliteBuilder builder;
  int input = builder.tensor({1, 4, 4, 3});
  std::string refusal(int last) {
    const int bias = builder.constant({5}, std::vector<float>(5));
    const int weight = builder.constant({5, 4, 4, 3}, std::vector<float>(240));
    const int row = builder.flatten(builder.conv(last, weight, bias, {1, 1, 1, 5}, false, 1), 1, 5);
    const Bytes file = builder.file({input}, {row});
    const auto model = weights::read_tflite(file);
    EXPECT_TRUE(model) << model.error().message;
    const auto graph = model ? tflite_graph(*model) : Result<OnnxGraph>(Error{});
    EXPECT_FALSE(graph);
    return graph ? "" : graph.error().message;
  }
};

TEST(TfliteGraph, ShapesThatDoNotGoTogetherAreNamed) {
  OneOperator output;
  const int weight = output.builder.constant({3, 3, 3, 3}, std::vector<float>(81));
  const int bias = output.builder.constant({3}, std::vector<float>(3));
  EXPECT_EQ(output.refusal(output.builder.conv(output.input, weight, bias, {1, 4, 4, 3}, false, 1)),
            "TFLite: operator 0 (CONV_2D): makes [1,2,2,3], the file says [1,4,4,3]");
  OneOperator kernel;
  const int wrong = kernel.builder.constant({3, 3, 3, 2}, std::vector<float>(54));
  const int three = kernel.builder.constant({3}, std::vector<float>(3));
  EXPECT_THAT(kernel.refusal(kernel.builder.conv(kernel.input, wrong, three, {1, 4, 4, 3}, true, 1)),
              HasSubstr("weights [3,3,3,2] and bias [3] are no float32 constants that go with [1,4,4,3]"));
  OneOperator constant;
  const int sum = constant.builder.tensor({1, 4, 4, 3});
  constant.builder.operation(0, {constant.input, constant.builder.constant({4}, {1, 2, 3, 4})}, sum, 11);
  EXPECT_THAT(constant.refusal(sum), HasSubstr("or a float32 constant for each of its channels, got [4]"));
  OneOperator alone;
  const int one = alone.builder.constant({3}, {1, 2, 3});
  const int made = alone.builder.tensor({1, 4, 4, 3});
  alone.builder.operation(0, {one, one}, made, 11);
  EXPECT_THAT(alone.refusal(made), HasSubstr("(ADD): of constants alone"));
}

TEST(TfliteGraph, OtherReshapesAndInputsAreRefused) {
  TfliteBuilder builder;
  const int input = builder.tensor({1, 4, 4, 3});
  const int row = builder.flatten(input, 1, 48);
  const Bytes file = builder.file({input}, {row});
  const auto model = weights::read_tflite(file);
  ASSERT_TRUE(model) << model.error().message;
  const auto graph = tflite_graph(*model);
  ASSERT_FALSE(graph);
  EXPECT_EQ(graph.error().message,
            "TFLite: operator 0 (RESHAPE): expected [B,1,1,D] to [B,D], got [1,4,4,3] to [1,48]");
  TfliteBuilder grey;
  const int plane = grey.tensor({1, 1, 1, 1});
  const Bytes grey_file = grey.file({plane}, {grey.flatten(plane, 1, 1)});
  const auto grey_model = weights::read_tflite(grey_file);
  ASSERT_TRUE(grey_model) << grey_model.error().message;
  const auto refused = tflite_graph(*grey_model);
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, HasSubstr("expected square pictures of 3 channels"));
}

}  // namespace
}  // namespace facepipe::packs
