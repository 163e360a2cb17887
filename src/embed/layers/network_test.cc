#include "embed/layers/network.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "base/temporary_folder.h"
#include "embed/layers/layer_file.h"
#include "embed/layers/test_chain.h"

namespace facepipe::embed::layers {
namespace {

using ::testing::HasSubstr;
using testing::TestChain;

constexpr std::size_t kPictureValues = std::size_t{3} * 12 * 12;
constexpr std::size_t kOutputs = 32;

std::vector<float> run(const Network& network, std::span<const float> picture) {
  std::vector<float> out(static_cast<std::size_t>(network.output_size()));
  network.run(picture, out);
  return out;
}

// A layer's output as a picture of channels, by the definition: what the network is compared with.
using Planes = std::vector<std::vector<double>>;  // [channels][side*side]

double activated(const Layer& layer, std::size_t channel, double value) {
  return layer.factors.empty() ? value : value + double{layer.factors[channel]} * std::max(value, 0.0);
}

Planes apply(const Layer& layer, const Planes& in, const std::vector<Planes>& made) {
  const auto out_side = static_cast<std::size_t>(layer.out_side);
  Planes out(static_cast<std::size_t>(layer.out_channels), std::vector<double>(out_side * out_side));
  const bool depthwise = layer.kind == LayerKind::kDepthwise;
  for (std::size_t o = 0; o < out.size(); ++o) {
    for (int y = 0; y < layer.out_side; ++y) {
      for (int x = 0; x < layer.out_side; ++x) {
        double sum = double{layer.bias[o]};
        std::size_t tap = 0;
        for (int pixel = 0; pixel < layer.kernel * layer.kernel; ++pixel) {
          const int row = y * layer.stride - layer.pad + pixel / layer.kernel;
          const int column = x * layer.stride - layer.pad + pixel % layer.kernel;
          const bool inside = row >= 0 && row < layer.in_side && column >= 0 && column < layer.in_side;
          const auto at = static_cast<std::size_t>(row * layer.in_side + column);
          if (depthwise) {
            sum += inside ? in[o][at] * double{layer.weights[static_cast<std::size_t>(pixel) * out.size() + o]} : 0;
            continue;
          }
          for (std::size_t i = 0; i < in.size(); ++i, ++tap) {
            const std::size_t panel = o / kPanel * static_cast<std::size_t>(taps(layer)) + tap;
            sum += inside ? in[i][at] * double{layer.weights[panel * kPanel + o % kPanel]} : 0;
          }
        }
        const auto place = static_cast<std::size_t>(y * layer.out_side + x);
        out[o][place] = activated(layer, o, sum);
        if (layer.add) {
          out[o][place] += made[static_cast<std::size_t>(*layer.add)][o][place];
        }
      }
    }
  }
  return out;
}

TEST(Network, MakesWhatItsLayersSay) {
  TestChain chain;
  const std::vector<float> picture = chain.values(kPictureValues);
  Planes value(3);
  for (std::size_t c = 0; c < 3; ++c) {
    value[c].assign(picture.begin() + static_cast<std::ptrdiff_t>(c * 144),
                    picture.begin() + static_cast<std::ptrdiff_t>((c + 1) * 144));
  }
  std::vector<Planes> made;
  for (const Layer& layer : chain.layers()) {
    value = apply(layer, value, made);
    made.push_back(value);
  }
  const Bytes file = write_layers(chain.layers());
  for (const Kernels& kernels : all_highway_kernels()) {
    SCOPED_TRACE(kernels.name);
    const auto network = Network::view(file, kernels);
    ASSERT_TRUE(network) << network.error().message;
    EXPECT_EQ(network->input_px(), 12);
    const std::vector<float> found = run(*network, picture);
    ASSERT_EQ(found.size(), kOutputs);
    for (std::size_t i = 0; i < kOutputs; ++i) {
      const double expected = value[i][0];
      EXPECT_NEAR(double{found[i]}, expected, 1e-5 * (1 + std::abs(expected))) << i;
    }
    EXPECT_EQ(run(*network, picture), found) << "nothing is left of a run";
  }
}

TEST(Network, RunsAtTheSameTimeDoNotMix) {
  TestChain chain;
  const Bytes file = write_layers(chain.layers());
  const auto network = Network::view(file);
  ASSERT_TRUE(network) << network.error().message;
  std::vector<std::vector<float>> pictures;
  std::vector<std::vector<float>> expected;
  for (int i = 0; i < 4; ++i) {
    pictures.push_back(chain.values(kPictureValues));
    expected.push_back(run(*network, pictures.back()));
  }
  EXPECT_NE(expected[0], expected[1]);
  {
    std::vector<std::jthread> threads;
    for (std::size_t i = 0; i < pictures.size(); ++i) {
      threads.emplace_back([&, i] {
        for (int run_again = 0; run_again < 50; ++run_again) {
          EXPECT_EQ(run(*network, pictures[i]), expected[i]);
        }
      });
    }
  }
}

TEST(Network, KeepsItsFile) {
  const TemporaryFolder folder;
  TestChain chain;
  ASSERT_TRUE(write_file_atomically(folder / "layers", write_layers(chain.layers())));
  auto opened = Network::open(*MappedFile::open(folder / "layers"));
  ASSERT_TRUE(opened) << opened.error().message;
  const std::vector<float> picture = chain.values(kPictureValues);
  const std::vector<float> before = run(*opened, picture);
  const Network moved = *std::move(opened);
  EXPECT_EQ(run(moved, picture), before);
}

TEST(Network, AChainThatDoesNotEndIsRefused) {
  TestChain chain;
  chain.layers().resize(7);
  const auto refused = Network::view(write_layers(chain.layers()));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kInvalidData);
  EXPECT_THAT(refused.error().message, HasSubstr("end with one pixel, got a side of 3"));
}

}  // namespace
}  // namespace facepipe::embed::layers
