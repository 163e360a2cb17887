// Every vector width that this CPU runs against the plain loops, over odd shapes.
#include "embed/layers/kernels/kernels.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <string>
#include <vector>

namespace facepipe::embed::layers {
namespace {

constexpr float kUntouched = 1e30F;
constexpr std::size_t kBeyond = 64;

std::vector<float> random_values(int count) {
  static std::mt19937 random(11);
  std::vector<float> values(static_cast<std::size_t>(count));
  for (float& value : values) {
    value = std::uniform_real_distribution<float>(-1, 1)(random);
  }
  return values;
}

// Both outputs have kBeyond values more, which stay as they were. `terms` of each sum.
void expect_same(const std::vector<float>& found, const std::vector<float>& expected, int terms) {
  const std::size_t count = expected.size() - kBeyond;
  for (std::size_t i = 0; i < expected.size(); ++i) {
    ASSERT_NEAR(found[i], expected[i], i < count ? 2e-7F * static_cast<float>(terms + 8) : 0) << "value " << i;
  }
  EXPECT_TRUE(std::all_of(found.end() - kBeyond, found.end(), [](float value) { return value == kUntouched; }));
}

TEST(LayerKernels, ProductsOfEveryShape) {
  for (const Kernels& kernels : all_highway_kernels()) {
    for (const int rows : {1, 2, 5, 6, 7, 12, 13, 49}) {
      for (const int depth : {1, 3, 27, 64}) {
        for (const int columns : {16, 32, 48, 64, 80, 192}) {
          for (const bool whole : {false, true}) {
            SCOPED_TRACE(std::string(kernels.name) + ": " + std::to_string(rows) + "x" + std::to_string(depth) + "x" +
                         std::to_string(columns));
            const auto in = random_values(rows * depth);
            const auto weights = random_values(depth * columns);
            const auto bias = random_values(columns);
            const auto factors = random_values(columns);
            const auto add = random_values(rows * columns);
            std::vector<float> expected(static_cast<std::size_t>(rows * columns) + kBeyond, kUntouched);
            std::vector<float> found = expected;
            Product product{.in = in.data(),
                            .rows = rows,
                            .depth = depth,
                            .columns = columns,
                            .weights = weights.data(),
                            .bias = bias.data(),
                            .factors = whole ? factors.data() : nullptr,
                            .add = whole ? add.data() : nullptr,
                            .out = expected.data()};
            reference_kernels().multiply(product);
            product.out = found.data();
            kernels.multiply(product);
            expect_same(found, expected, depth);
          }
        }
      }
    }
  }
}

TEST(LayerKernels, DepthwiseOfEveryShape) {
  for (const Kernels& kernels : all_highway_kernels()) {
    for (const int kernel : {1, 2, 3, 5, 7}) {
      for (const int stride : {1, 2, 3}) {
        for (const int pad : {0, 1, 2}) {
          for (const int side : {1, 2, 3, 4, 7, 8}) {
            const int reach = side + 2 * pad - kernel;
            if (pad >= kernel || reach < 0) {
              continue;
            }
            const int out_side = reach / stride + 1;
            if ((out_side - 1) * stride - pad >= side) {
              continue;
            }
            SCOPED_TRACE(std::string(kernels.name) + ": kernel " + std::to_string(kernel) + " stride " +
                         std::to_string(stride) + " pad " + std::to_string(pad) + " side " + std::to_string(side));
            constexpr int kChannels = 48;
            const auto in = random_values(side * side * kChannels);
            const auto weights = random_values(kernel * kernel * kChannels);
            const auto bias = random_values(kChannels);
            const auto factors = random_values(kChannels);
            std::vector<float> expected(static_cast<std::size_t>(out_side * out_side * kChannels) + kBeyond,
                                        kUntouched);
            std::vector<float> found = expected;
            Depthwise layer{.in = in.data(),
                            .in_side = side,
                            .channels = kChannels,
                            .kernel = kernel,
                            .stride = stride,
                            .pad = pad,
                            .weights = weights.data(),
                            .bias = bias.data(),
                            .factors = side % 2 == 0 ? factors.data() : nullptr,
                            .out_side = out_side,
                            .out = expected.data()};
            reference_kernels().depthwise(layer);
            layer.out = found.data();
            kernels.depthwise(layer);
            expect_same(found, expected, kernel * kernel);
          }
        }
      }
    }
  }
}

// Worked out by hand: the plain loops are what the others are compared with.
TEST(LayerKernels, ThePlainLoops) {
  std::vector<float> weights(2 * kPanel);
  weights[0] = 2;           // of channel 0, the first input
  weights[kPanel] = -1;     // the second
  weights[kPanel + 1] = 5;  // of channel 1, the second
  const std::vector<float> in{3, 1};
  std::vector<float> bias(kPanel);
  bias[1] = -6;
  std::vector<float> factors(kPanel, -0.5F);
  std::vector<float> add(kPanel, 100);
  std::vector<float> out(kPanel);
  reference_kernels().multiply({.in = in.data(),
                                .rows = 1,
                                .depth = 2,
                                .columns = kPanel,
                                .weights = weights.data(),
                                .bias = bias.data(),
                                .factors = factors.data(),
                                .add = add.data(),
                                .out = out.data()});
  EXPECT_EQ(out[0], 102.5F) << "6 - 1 = 5, less a half of it";
  EXPECT_EQ(out[1], 99) << "5 - 6 = -1, which has no activation";
  EXPECT_EQ(out[2], 100);
  // The sum of the neighbours in a picture of 2x2.
  std::vector<float> picture(4 * kPanel);
  for (std::size_t pixel = 0; pixel < 4; ++pixel) {
    picture[pixel * kPanel] = static_cast<float>(pixel + 1);
  }
  const std::vector<float> ones(9 * kPanel, 1);
  std::vector<float> sums(kPanel);
  reference_kernels().depthwise({.in = picture.data(),
                                 .in_side = 2,
                                 .channels = kPanel,
                                 .kernel = 3,
                                 .stride = 2,
                                 .pad = 0,
                                 .weights = ones.data(),
                                 .bias = std::vector<float>(kPanel, 0.5F).data(),
                                 .out_side = 1,
                                 .out = sums.data()});
  EXPECT_EQ(sums[0], 10.5F);
  EXPECT_EQ(sums[1], 0.5F);
}

}  // namespace
}  // namespace facepipe::embed::layers
