// Weights from a state dict, packed for the kernels, and the running of R-Net's and O-Net's layers.
#pragma once

#include <span>
#include <vector>

#include "base/result.h"
#include "detect/mtcnn/kernels/kernels.h"
#include "weights/tensor.h"

namespace facepipe::detect {

// All loaders: NAME.weight and NAME.bias of a convolution or a linear layer, PRELU.weight of its activation (an empty
// name: none). kInvalidData naming the tensor if it is missing, has another shape, or holds a value that is not finite.

// P-Net's kind, 3x3.
[[nodiscard]] Result<kernels::RowConv> load_row_conv(const weights::StateDict& dict, std::string_view name,
                                                     std::string_view prelu, int in_channels, int out_channels);

struct ConvShape {
  int in_channels = 0;
  int out_channels = 0;
  int kernel = 0;     // both sides
  int tile_side = 0;  // 3 or 4: the outputs are computed in tiles of that side (kernels::PixelConv); 0: directly
};
[[nodiscard]] Result<kernels::PixelConv> load_conv(const weights::StateDict& dict, std::string_view name,
                                                   std::string_view prelu, const ConvShape& shape);

// The first linear layer after the convolutions. Its inputs are ordered [column, row, channel] in the file (the
// networks were trained in column-major frameworks) and [row, column, channel] here.
struct FlattenShape {
  int side = 0;  // rows = columns
  int channels = 0;
  int out_channels = 0;
};
[[nodiscard]] Result<kernels::PixelConv> load_flatten(const weights::StateDict& dict, std::string_view name,
                                                      std::string_view prelu, const FlattenShape& shape);

// Several linear layers with the same input, side by side in one: their outputs follow each other.
struct Head {
  std::string_view name;
  int out_channels = 0;
};
[[nodiscard]] Result<kernels::PixelConv> load_heads(const weights::StateDict& dict, std::span<const Head> heads,
                                                    int in_channels);

// P-Net's heads, 1x1 convolutions side by side: [out channel][in channel], then one bias an out channel.
[[nodiscard]] Result<std::vector<float>> load_pointwise_heads(const weights::StateDict& dict,
                                                              std::span<const Head> heads, int in_channels);

// The second probability of a softmax over two values.
[[nodiscard]] float face_probability(float no_face, float face);

struct ActivationScratch {
  AlignedBuffer<float> first;
  AlignedBuffer<float> second;
  AlignedBuffer<float> tiles;
  AlignedBuffer<float> band;
};

// A batch of crops on its way through a network, channels last. Reads as the network does:
//   Activations(...).conv(conv1).max_pool(3)...
class Activations {
 public:
  // `crops`: [count, side, side, 3], read by the first layer only. All must outlive the object.
  Activations(const kernels::Kernels& kernels, const float* crops, int count, int side, ActivationScratch& scratch);

  Activations& conv(const kernels::PixelConv& layer);
  Activations& max_pool(int size);  // stride 2, ceil mode
  // conv() and max_pool() in one, crop by crop and a few rows at a time, so that what the convolution writes is pooled
  // while it is in the nearest cache. For the first layer, whose output is the largest.
  Activations& conv_max_pool(const kernels::PixelConv& layer, int size);
  Activations& flatten(const kernels::PixelConv& layer);

  // [count, stride()] after flatten().
  [[nodiscard]] const float* data() const { return data_; }
  [[nodiscard]] int stride() const { return channel_stride_; }

 private:
  float* next_buffer(int rows, int columns, int channel_stride);

  const kernels::Kernels& kernels_;
  ActivationScratch& scratch_;
  const float* data_;
  int count_;
  int rows_;
  int columns_;
  int channels_ = 3;
  int channel_stride_ = 3;  // >= channels_: convolutions pad theirs
};

}  // namespace facepipe::detect
