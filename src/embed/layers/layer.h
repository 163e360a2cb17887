// A network as a chain: each layer takes what the one before it made, the first a picture.
#pragma once

#include <optional>
#include <span>

namespace facepipe::embed::layers {

enum class LayerKind {
  kConvolution,  // of a picture in planes [3,S,S]; the first layer, and no other
  kPointwise,    // 1x1
  kDepthwise,    // each channel by itself
};

struct Layer {
  LayerKind kind = LayerKind::kPointwise;
  int in_side = 0;
  int in_channels = 0;
  int out_side = 0;
  int out_channels = 0;  // a multiple of kPanel (kernels/kernels.h)
  int kernel = 1;        // its side
  int stride = 1;
  int pad = 0;               // zeros before the first row and column; after the last, what the output needs
  std::optional<int> add{};  // the place of an earlier layer whose output is added to this one's

  // Laid out for the kernels: of a depthwise layer [kernel,kernel,channels], else [out_channels/kPanel,taps,kPanel],
  // where taps are the rows, columns and channels of the kernel, in that order.
  std::span<const float> weights{};
  std::span<const float> bias{};     // [out_channels]
  std::span<const float> factors{};  // [out_channels], of the activation; empty: none
};

// Weights for each of its output channels.
[[nodiscard]] constexpr int taps(const Layer& layer) {
  return layer.kernel * layer.kernel * (layer.kind == LayerKind::kDepthwise ? 1 : layer.in_channels);
}

}  // namespace facepipe::embed::layers
