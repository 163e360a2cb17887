// For tests: Inception-ResNet v1 with random weights.
#pragma once

#include <cmath>
#include <cstdint>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "weights/tensor.h"

namespace facepipe::packs::testing {

// Fills a state dict layer by layer with weights that keep activations near 1 in size.
class RandomWeights {
 public:
  explicit RandomWeights(unsigned seed) : random_(seed) {}

  [[nodiscard]] weights::StateDict inception_resnet_v1(std::int64_t embedding_size) {
    basic("conv2d_1a", 32, 3, 3, 3);
    basic("conv2d_2a", 32, 32, 3, 3);
    basic("conv2d_2b", 64, 32, 3, 3);
    basic("conv2d_3b", 80, 64, 1, 1);
    basic("conv2d_4a", 192, 80, 3, 3);
    basic("conv2d_4b", 256, 192, 3, 3);
    for (int i = 0; i < 5; ++i) {
      const std::string block = "repeat_1." + std::to_string(i);
      basic(block + ".branch0", 32, 256, 1, 1);
      basic(block + ".branch1.0", 32, 256, 1, 1);
      basic(block + ".branch1.1", 32, 32, 3, 3);
      basic(block + ".branch2.0", 32, 256, 1, 1);
      basic(block + ".branch2.1", 32, 32, 3, 3);
      basic(block + ".branch2.2", 32, 32, 3, 3);
      projection(block, 256, 96);
    }
    basic("mixed_6a.branch0", 384, 256, 3, 3);
    basic("mixed_6a.branch1.0", 192, 256, 1, 1);
    basic("mixed_6a.branch1.1", 192, 192, 3, 3);
    basic("mixed_6a.branch1.2", 256, 192, 3, 3);
    for (int i = 0; i < 10; ++i) {
      two_branches("repeat_2." + std::to_string(i), 896, 128, 7);
    }
    basic("mixed_7a.branch0.0", 256, 896, 1, 1);
    basic("mixed_7a.branch0.1", 384, 256, 3, 3);
    basic("mixed_7a.branch1.0", 256, 896, 1, 1);
    basic("mixed_7a.branch1.1", 256, 256, 3, 3);
    basic("mixed_7a.branch2.0", 256, 896, 1, 1);
    basic("mixed_7a.branch2.1", 256, 256, 3, 3);
    basic("mixed_7a.branch2.2", 256, 256, 3, 3);
    for (int i = 0; i < 5; ++i) {
      two_branches("repeat_3." + std::to_string(i), 1792, 192, 3);
    }
    two_branches("block8", 1792, 192, 3);
    weight("last_linear.weight", {embedding_size, 1792});
    batch_norm("last_bn", embedding_size);
    return std::move(dict_);
  }

 private:
  using Shape = std::vector<std::int64_t>;

  void fill(const std::string& name, const Shape& shape, double low, double high) {
    std::size_t count = 1;
    for (const std::int64_t extent : shape) {
      count *= static_cast<std::size_t>(extent);
    }
    weights::Tensor tensor{shape, std::vector<float>(count)};
    for (float& value : tensor.values) {
      value = static_cast<float>(low + (high - low) * (static_cast<double>(random_()) / 4294967296.0));
    }
    dict_.insert_or_assign(name, std::move(tensor));
  }
  void weight(const std::string& name, const Shape& shape) {
    double inputs = 1;
    for (std::size_t i = 1; i < shape.size(); ++i) {
      inputs *= static_cast<double>(shape[i]);
    }
    const double bound = std::sqrt(6.0 / inputs);
    fill(name, shape, -bound, bound);
  }
  void batch_norm(const std::string& name, std::int64_t channels) {
    fill(name + ".weight", {channels}, 0.9, 1.1);
    fill(name + ".bias", {channels}, -0.1, 0.1);
    fill(name + ".running_mean", {channels}, -0.1, 0.1);
    fill(name + ".running_var", {channels}, 0.8, 1.2);
  }
  void basic(const std::string& name, std::int64_t out, std::int64_t in, std::int64_t height, std::int64_t width) {
    weight(name + ".conv.weight", {out, in, height, width});
    batch_norm(name + ".bn", out);
  }
  void projection(const std::string& name, std::int64_t out, std::int64_t in) {
    weight(name + ".conv2d.weight", {out, in, 1, 1});
    fill(name + ".conv2d.bias", {out}, -0.1, 0.1);
  }
  // Block17 and Block8: a 1x1 branch, and one of 1x1, 1xN, Nx1.
  void two_branches(const std::string& name, std::int64_t channels, std::int64_t inner, std::int64_t side) {
    basic(name + ".branch0", inner, channels, 1, 1);
    basic(name + ".branch1.0", inner, channels, 1, 1);
    basic(name + ".branch1.1", inner, inner, 1, side);
    basic(name + ".branch1.2", inner, inner, side, 1);
    projection(name, channels, 2 * inner);
  }

  std::mt19937 random_;
  weights::StateDict dict_;
};

}  // namespace facepipe::packs::testing
