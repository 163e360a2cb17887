// For tests: a small chain of random layers of every kind.
#pragma once

#include <cstddef>
#include <deque>
#include <random>
#include <span>
#include <vector>

#include "embed/layers/kernels/kernels.h"
#include "embed/layers/layer.h"

namespace facepipe::embed::layers::testing {

class TestChain {
 public:
  // A picture of 12x12 to 32 values.
  TestChain() {
    add({.kind = LayerKind::kConvolution,
         .in_side = 12,
         .in_channels = 3,
         .out_side = 6,
         .out_channels = 16,
         .kernel = 3,
         .stride = 2},
        true);
    add({.kind = LayerKind::kDepthwise,
         .in_side = 6,
         .in_channels = 16,
         .out_side = 6,
         .out_channels = 16,
         .kernel = 3,
         .pad = 1},
        true);
    add({.in_side = 6, .in_channels = 16, .out_side = 6, .out_channels = 16}, false);
    add({.in_side = 6, .in_channels = 16, .out_side = 6, .out_channels = 48}, true);
    add({.in_side = 6, .in_channels = 48, .out_side = 6, .out_channels = 16, .add = 2}, false);
    add({.kind = LayerKind::kDepthwise,
         .in_side = 6,
         .in_channels = 16,
         .out_side = 3,
         .out_channels = 16,
         .kernel = 3,
         .stride = 2},
        true);
    add({.in_side = 3, .in_channels = 16, .out_side = 3, .out_channels = 64}, true);
    add({.kind = LayerKind::kDepthwise,
         .in_side = 3,
         .in_channels = 64,
         .out_side = 1,
         .out_channels = 64,
         .kernel = 3},
        false);
    add({.in_side = 1, .in_channels = 64, .out_side = 1, .out_channels = 32}, false);
  }

  [[nodiscard]] std::vector<Layer>& layers() { return layers_; }
  [[nodiscard]] std::vector<float> values(std::size_t count) {
    std::vector<float> made(count);
    for (float& value : made) {
      value = std::uniform_real_distribution<float>(-1, 1)(random_);
    }
    return made;
  }

 private:
  std::span<const float> keep(int count) { return kept_.emplace_back(values(static_cast<std::size_t>(count))); }
  void add(Layer layer, bool activated) {
    layer.weights = keep(taps(layer) * layer.out_channels);
    layer.bias = keep(layer.out_channels);
    layer.factors = activated ? keep(layer.out_channels) : std::span<const float>();
    layers_.push_back(layer);
  }

  std::mt19937 random_{7};
  std::vector<Layer> layers_;
  std::deque<std::vector<float>> kept_;
};

}  // namespace facepipe::embed::layers::testing
