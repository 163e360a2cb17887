// Layer names and shapes: facenet-pytorch 2.6.0, models/mtcnn.py. Tested by layers_test.cc.
#include "detect/mtcnn/layers.h"

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "base/check.h"
#include "detect/mtcnn/kernels/winograd.h"

namespace facepipe::detect {
namespace {

std::string shape_text(std::span<const std::int64_t> shape) {
  std::string text = "[";
  for (std::size_t i = 0; i < shape.size(); ++i) {
    text += i == 0 ? "" : ",";
    text += std::to_string(shape[i]);
  }
  return text + "]";
}

// The values of a tensor that must exist with this shape.
Result<const float*> find_values(const weights::StateDict& dict, const std::string& name,
                                 const std::vector<std::int64_t>& shape) {
  const auto found = dict.find(name);
  if (found == dict.end()) {
    return Error{ErrorCode::kInvalidData,
                 "MTCNN weights: expected a tensor " + name + " " + shape_text(shape) + ", there is none of that name"};
  }
  const weights::Tensor& tensor = found->second;
  std::size_t size = 1;
  for (const std::int64_t extent : shape) {
    size *= static_cast<std::size_t>(extent);
  }
  if (tensor.shape != shape || tensor.values.size() != size) {
    return Error{ErrorCode::kInvalidData, "MTCNN weights: expected " + name + " to be " + shape_text(shape) +
                                              ", it is " + shape_text(tensor.shape) + " with " +
                                              std::to_string(tensor.values.size()) + " values"};
  }
  if (!std::all_of(tensor.values.begin(), tensor.values.end(), [](float value) { return std::isfinite(value); })) {
    return Error{ErrorCode::kInvalidData,
                 "MTCNN weights: expected finite values in " + name + ", it holds an infinity or a NaN"};
  }
  return tensor.values.data();
}

std::string join(std::string_view name, std::string_view suffix) {
  return std::string(name) + std::string(suffix);
}

// An empty PixelConv of this shape: every weight and bias 0, every slope 1.
kernels::PixelConv make_pixel_conv(int in_channels, int kernel_rows, int kernel_columns, int out_channels) {
  kernels::PixelConv layer;
  layer.in_channels = in_channels;
  layer.kernel_rows = kernel_rows;
  layer.kernel_columns = kernel_columns;
  layer.out_channels = out_channels;
  layer.padded_out_channels =
      (out_channels + kernels::kChannelBlock - 1) / kernels::kChannelBlock * kernels::kChannelBlock;
  const auto padded = static_cast<std::size_t>(layer.padded_out_channels);
  layer.weights.resize(padded * static_cast<std::size_t>(layer.taps()));
  layer.bias.resize(padded);
  layer.slope.resize(padded);
  std::fill_n(layer.slope.data(), padded, 1.0F);
  return layer;
}

float& weight_at(kernels::PixelConv& layer, int tap, int channel) {
  const int start = channel / kernels::kMaxChannelBlock * kernels::kMaxChannelBlock;
  const int block = std::min(kernels::kMaxChannelBlock, layer.padded_out_channels - start);
  return layer.weights.data()[std::ptrdiff_t{start} * layer.taps() + std::ptrdiff_t{tap} * block + channel - start];
}

Status load_bias_and_slope(const weights::StateDict& dict, std::string_view name, std::string_view prelu,
                           int out_channels, float* bias, float* slope) {
  FACEPIPE_ASSIGN(const float* bias_values, find_values(dict, join(name, ".bias"), {out_channels}));
  std::copy_n(bias_values, out_channels, bias);
  if (!prelu.empty()) {
    FACEPIPE_ASSIGN(const float* slope_values, find_values(dict, join(prelu, ".weight"), {out_channels}));
    std::copy_n(slope_values, out_channels, slope);
  }
  return {};
}

int pooled(int extent, int size) {
  return (extent - size + 1) / 2 + 1;  // ceil((extent - size) / 2) + 1
}

}  // namespace

Result<kernels::RowConv> load_row_conv(const weights::StateDict& dict, std::string_view name, std::string_view prelu,
                                       int in_channels, int out_channels) {
  kernels::RowConv layer;
  layer.in_channels = in_channels;
  layer.out_channels = out_channels;
  const int taps = in_channels * 9;
  layer.weights.resize(static_cast<std::size_t>(taps) * static_cast<std::size_t>(out_channels));
  layer.bias.resize(static_cast<std::size_t>(out_channels));
  layer.slope.resize(static_cast<std::size_t>(out_channels));
  FACEPIPE_ASSIGN(const float* values, find_values(dict, join(name, ".weight"), {out_channels, in_channels, 3, 3}));
  for (int c = 0; c < out_channels; ++c) {
    for (int tap = 0; tap < taps; ++tap) {
      layer.weights.data()[tap * out_channels + c] = values[c * taps + tap];
    }
  }
  FACEPIPE_TRY(load_bias_and_slope(dict, name, prelu, out_channels, layer.bias.data(), layer.slope.data()));
  return layer;
}

Result<kernels::PixelConv> load_conv(const weights::StateDict& dict, std::string_view name, std::string_view prelu,
                                     const ConvShape& shape) {
  const int kernel = shape.kernel;
  kernels::PixelConv layer = make_pixel_conv(shape.in_channels, kernel, kernel, shape.out_channels);
  FACEPIPE_ASSIGN(const float* values,
                  find_values(dict, join(name, ".weight"), {shape.out_channels, shape.in_channels, kernel, kernel}));
  for (int c = 0; c < shape.out_channels; ++c) {
    for (int i = 0; i < shape.in_channels; ++i) {
      for (int k = 0; k < kernel * kernel; ++k) {
        weight_at(layer, k * shape.in_channels + i, c) = *values++;
      }
    }
  }
  FACEPIPE_TRY(load_bias_and_slope(dict, name, prelu, shape.out_channels, layer.bias.data(), layer.slope.data()));
  if (shape.tile_side > 0) {
    kernels::add_tile_weights(layer, shape.tile_side);
  }
  return layer;
}

Result<kernels::PixelConv> load_flatten(const weights::StateDict& dict, std::string_view name, std::string_view prelu,
                                        const FlattenShape& shape) {
  const int inputs = shape.side * shape.side * shape.channels;
  kernels::PixelConv layer = make_pixel_conv(inputs, 1, 1, shape.out_channels);
  FACEPIPE_ASSIGN(const float* values, find_values(dict, join(name, ".weight"), {shape.out_channels, inputs}));
  for (int c = 0; c < shape.out_channels; ++c) {
    for (int column = 0; column < shape.side; ++column) {
      for (int row = 0; row < shape.side; ++row) {
        for (int i = 0; i < shape.channels; ++i) {
          weight_at(layer, (row * shape.side + column) * shape.channels + i, c) = *values++;
        }
      }
    }
  }
  FACEPIPE_TRY(load_bias_and_slope(dict, name, prelu, shape.out_channels, layer.bias.data(), layer.slope.data()));
  return layer;
}

Result<kernels::PixelConv> load_heads(const weights::StateDict& dict, std::span<const Head> heads, int in_channels) {
  int out_channels = 0;
  for (const Head& head : heads) {
    out_channels += head.out_channels;
  }
  kernels::PixelConv layer = make_pixel_conv(in_channels, 1, 1, out_channels);
  int first = 0;
  for (const Head& head : heads) {
    FACEPIPE_ASSIGN(const float* values,
                    find_values(dict, join(head.name, ".weight"), {head.out_channels, in_channels}));
    for (int c = 0; c < head.out_channels; ++c) {
      for (int i = 0; i < in_channels; ++i) {
        weight_at(layer, i, first + c) = *values++;
      }
    }
    FACEPIPE_TRY(load_bias_and_slope(dict, head.name, "", head.out_channels, layer.bias.data() + first,
                                     layer.slope.data() + first));
    first += head.out_channels;
  }
  return layer;
}

Result<std::vector<float>> load_pointwise_heads(const weights::StateDict& dict, std::span<const Head> heads,
                                                int in_channels) {
  std::vector<float> weights;
  std::vector<float> biases;
  for (const Head& head : heads) {
    FACEPIPE_ASSIGN(const float* values,
                    find_values(dict, join(head.name, ".weight"), {head.out_channels, in_channels, 1, 1}));
    weights.insert(weights.end(), values, values + std::ptrdiff_t{head.out_channels} * in_channels);
    FACEPIPE_ASSIGN(const float* bias, find_values(dict, join(head.name, ".bias"), {head.out_channels}));
    biases.insert(biases.end(), bias, bias + head.out_channels);
  }
  weights.insert(weights.end(), biases.begin(), biases.end());
  return weights;
}

float face_probability(float no_face, float face) {
  const float largest = std::max(no_face, face);
  const float no_face_part = std::exp(no_face - largest);
  const float face_part = std::exp(face - largest);
  return face_part / (no_face_part + face_part);
}

Activations::Activations(const kernels::Kernels& kernels, const float* crops, int count, int side,
                         ActivationScratch& scratch)
    : kernels_(kernels), scratch_(scratch), data_(crops), count_(count), rows_(side), columns_(side) {}

float* Activations::next_buffer(int rows, int columns, int channel_stride) {
  const auto size = static_cast<std::size_t>(count_) * static_cast<std::size_t>(rows) *
                    static_cast<std::size_t>(columns) * static_cast<std::size_t>(channel_stride);
  AlignedBuffer<float>& buffer = data_ == scratch_.first.data() ? scratch_.second : scratch_.first;
  buffer.resize(size);
  return buffer.data();
}

Activations& Activations::conv(const kernels::PixelConv& layer) {
  FACEPIPE_CHECK(channel_stride_ == layer.in_channels);
  const int rows = rows_ - layer.kernel_rows + 1;
  const int columns = columns_ - layer.kernel_columns + 1;
  float* out = next_buffer(rows, columns, layer.padded_out_channels);
  const std::ptrdiff_t row_stride = std::ptrdiff_t{columns_} * channel_stride_;
  const kernels::PixelGrid grid = {count_, rows, columns, rows_ * row_stride, row_stride};
  if (layer.tile_weights.size() > 0) {
    scratch_.tiles.resize(kernels::conv_3x3_scratch(layer));
    kernels_.conv_3x3(layer, data_, grid, scratch_.tiles.data(), out);
  } else {
    kernels_.conv_pixels(layer, data_, grid, out);
  }
  data_ = out;
  rows_ = rows;
  columns_ = columns;
  channels_ = layer.out_channels;
  channel_stride_ = layer.padded_out_channels;
  return *this;
}

Activations& Activations::max_pool(int size) {
  const int rows = pooled(rows_, size);
  const int columns = pooled(columns_, size);
  float* out = next_buffer(rows, columns, channels_);
  const std::ptrdiff_t row_stride = std::ptrdiff_t{columns_} * channel_stride_;
  kernels_.max_pool(data_, rows_, columns_, channel_stride_, size,
                    {count_, rows, columns, rows_ * row_stride, row_stride}, channels_, out);
  data_ = out;
  rows_ = rows;
  columns_ = columns;
  channel_stride_ = channels_;
  return *this;
}

Activations& Activations::conv_max_pool(const kernels::PixelConv& layer, int size) {
  FACEPIPE_CHECK(channel_stride_ == layer.in_channels);
  constexpr int kBandBytes = 24 * 1024;  // most of a first-level cache
  const int conv_rows = rows_ - layer.kernel_rows + 1;
  const int conv_columns = columns_ - layer.kernel_columns + 1;
  const int rows = pooled(conv_rows, size);
  const int columns = pooled(conv_columns, size);
  float* out = next_buffer(rows, columns, layer.out_channels);
  const std::ptrdiff_t in_row = std::ptrdiff_t{columns_} * channel_stride_;
  const std::ptrdiff_t conv_row = std::ptrdiff_t{conv_columns} * layer.padded_out_channels;
  const int row_bytes = static_cast<int>(conv_row) * static_cast<int>(sizeof(float));
  // In whole tiles, and enough for one row of windows.
  const int band_rows = std::max(1, kBandBytes / row_bytes / 4) * 4;
  const int kept_rows = size - 1;  // at most: the last ones of a band, which the next band's first windows need again
  scratch_.band.resize(static_cast<std::size_t>(conv_row * (band_rows + kept_rows)));
  scratch_.tiles.resize(layer.tile_side > 0 ? kernels::conv_3x3_scratch(layer) : 0);
  float* band = scratch_.band.data();
  for (int crop = 0; crop < count_; ++crop) {
    int kept = 0;
    int row = 0;  // of the pooling
    for (int done = 0; done < conv_rows;) {
      const int fresh = std::min(band_rows, conv_rows - done);
      const float* from = data_ + (std::ptrdiff_t{crop} * rows_ + done) * in_row;
      const kernels::PixelGrid grid = {1, fresh, conv_columns, 0, in_row};
      if (layer.tile_side > 0) {
        kernels_.conv_3x3(layer, from, grid, scratch_.tiles.data(), band + kept * conv_row);
      } else {
        kernels_.conv_pixels(layer, from, grid, band + kept * conv_row);
      }
      done += fresh;
      const int end = done == conv_rows ? rows : (done - size) / 2 + 1;
      kernels_.max_pool(band, kept + fresh, conv_columns, layer.padded_out_channels, size,
                        {1, end - row, columns, 0, conv_row}, layer.out_channels,
                        out + (std::ptrdiff_t{crop} * rows + row) * columns * layer.out_channels);
      row = end;
      const int next_kept = std::max(0, done - 2 * end);
      std::copy_n(band + (kept + fresh - next_kept) * conv_row, next_kept * conv_row, band);
      kept = next_kept;
    }
  }
  data_ = out;
  rows_ = rows;
  columns_ = columns;
  channels_ = layer.out_channels;
  channel_stride_ = channels_;
  return *this;
}

Activations& Activations::flatten(const kernels::PixelConv& layer) {
  FACEPIPE_CHECK(rows_ * columns_ * channel_stride_ == layer.in_channels);
  float* out = next_buffer(1, 1, layer.padded_out_channels);
  kernels_.conv_pixels(layer, data_, {1, 1, count_, 0, 0}, out);
  data_ = out;
  rows_ = 1;
  columns_ = 1;
  channels_ = layer.out_channels;
  channel_stride_ = layer.padded_out_channels;
  return *this;
}

}  // namespace facepipe::detect
