// Plain loops, no fused multiply-add: what every other kernel is compared with. Tested by kernels_test.cc and, through
// the whole detector, mtcnn_golden_test.cc.
#include <algorithm>
#include <limits>

#include "detect/mtcnn/kernels/kernels.h"

namespace facepipe::detect::kernels {
namespace {

float prelu(float value, float slope) {
  return std::max(value, 0.0F) + slope * std::min(value, 0.0F);
}

void sum_rows(const std::uint8_t* first_row, std::ptrdiff_t stride_bytes, int rows, int count, std::uint32_t* sums) {
  for (int i = 0; i < count; ++i) {
    std::uint32_t sum = 0;
    for (int y = 0; y < rows; ++y) {
      sum += first_row[y * stride_bytes + i];
    }
    sums[i] = sum;
  }
}

void average_columns(const std::uint32_t* sums, int /*in_columns*/, const Window* windows, int columns, int rows,
                     int pixel_stride, float* out) {
  for (int x = 0; x < columns; ++x) {
    const float pixels = static_cast<float>(rows) * static_cast<float>(windows[x].end - windows[x].begin);
    for (int c = 0; c < 3; ++c) {
      std::uint32_t sum = 0;
      for (int i = windows[x].begin; i < windows[x].end; ++i) {
        sum += sums[i * 3 + c];
      }
      out[x * pixel_stride + c] = (static_cast<float>(sum) / pixels - 127.5F) * 0.0078125F;
    }
  }
}

void split_columns(const float* rgbx, int columns, float* out, std::ptrdiff_t half_stride) {
  for (int x = 0; x < columns; ++x) {
    for (int c = 0; c < 3; ++c) {
      out[(2 * c + x % 2) * half_stride + x / 2] = rgbx[x * 4 + c];
    }
  }
}

// One value of the first convolution, from columns split by parity.
float split_conv_at(const RowConv& layer, const float* const* rows, std::ptrdiff_t half_stride, int x, int channel) {
  float sum = layer.bias.data()[channel];
  const float* weight = layer.weights.data() + channel;
  for (int i = 0; i < layer.in_channels; ++i) {
    for (int ky = 0; ky < 3; ++ky) {
      for (int kx = 0; kx < 3; ++kx) {
        sum += rows[ky][(2 * i + (x + kx) % 2) * half_stride + (x + kx) / 2] * *weight;
        weight += layer.out_channels;
      }
    }
  }
  return prelu(sum, layer.slope.data()[channel]);
}

void conv_pool_row(const RowConv& layer, const float* const* rows, std::ptrdiff_t half_stride, int conv_rows,
                   int conv_columns, float* out, std::ptrdiff_t out_stride) {
  for (int channel = 0; channel < layer.out_channels; ++channel) {
    for (int x = 0; x < (conv_columns + 1) / 2; ++x) {
      float best = -std::numeric_limits<float>::infinity();
      for (int dy = 0; dy < conv_rows; ++dy) {
        for (int column = 2 * x; column < std::min(2 * x + 2, conv_columns); ++column) {
          best = std::max(best, split_conv_at(layer, rows + dy, half_stride, column, channel));
        }
      }
      out[channel * out_stride + x] = best;
    }
  }
}

void conv_rows(const RowConv& layer, const float* input, std::ptrdiff_t in_stride, int rows, int pitch,
               float* /*scratch*/, float* out, std::ptrdiff_t out_stride) {
  for (int channel = 0; channel < layer.out_channels; ++channel) {
    for (int y = 0; y < rows; ++y) {
      for (int x = 0; x + 2 < pitch; ++x) {
        float sum = layer.bias.data()[channel];
        const float* weight = layer.weights.data() + channel;
        for (int i = 0; i < layer.in_channels; ++i) {
          for (int ky = 0; ky < 3; ++ky) {
            for (int kx = 0; kx < 3; ++kx) {
              sum += input[i * in_stride + (y + ky) * pitch + x + kx] * *weight;
              weight += layer.out_channels;
            }
          }
        }
        out[channel * out_stride + y * pitch + x] = prelu(sum, layer.slope.data()[channel]);
      }
    }
  }
}

int find_columns(const float* rows, std::ptrdiff_t stride, int channels, int columns, const float* weights, float bias,
                 float cut, std::int32_t* found) {
  int count = 0;
  for (int x = 0; x < columns; ++x) {
    float sum = bias;
    for (int i = 0; i < channels; ++i) {
      sum += rows[i * stride + x] * weights[i];
    }
    if (sum >= cut) {
      found[count++] = x;
    }
  }
  return count;
}

void conv_pixels(const PixelConv& layer, const float* input, const PixelGrid& grid, float* out) {
  const int run = layer.kernel_columns * layer.in_channels;  // contiguous in the input and in the weights
  for (int n = 0; n < grid.batch; ++n) {
    for (int y = 0; y < grid.rows; ++y) {
      for (int x = 0; x < grid.columns; ++x) {
        const float* corner = input + n * grid.batch_stride + y * grid.row_stride + x * layer.in_channels;
        for (int c = 0; c < layer.padded_out_channels; ++c) {
          const int block_start = c / kMaxChannelBlock * kMaxChannelBlock;
          const int block = std::min(kMaxChannelBlock, layer.padded_out_channels - block_start);
          const float* weight = layer.weights.data() + std::ptrdiff_t{block_start} * layer.taps() + (c - block_start);
          float sum = layer.bias.data()[c];
          for (int ky = 0; ky < layer.kernel_rows; ++ky) {
            for (int k = 0; k < run; ++k) {
              sum += corner[ky * grid.row_stride + k] * *weight;
              weight += block;
            }
          }
          *out++ = prelu(sum, layer.slope.data()[c]);
        }
      }
    }
  }
}

void conv_3x3(const PixelConv& layer, const float* input, const PixelGrid& grid, float* /*scratch*/, float* out) {
  conv_pixels(layer, input, grid, out);
}

void max_pool(const float* input, int in_rows, int in_columns, int in_channel_stride, int size, const PixelGrid& grid,
              int channels, float* out) {
  for (int n = 0; n < grid.batch; ++n) {
    for (int y = 0; y < grid.rows; ++y) {
      for (int x = 0; x < grid.columns; ++x) {
        for (int c = 0; c < channels; ++c) {
          float best = -std::numeric_limits<float>::infinity();
          for (int row = 2 * y; row < std::min(2 * y + size, in_rows); ++row) {
            for (int column = 2 * x; column < std::min(2 * x + size, in_columns); ++column) {
              best =
                  std::max(best, input[n * grid.batch_stride + row * grid.row_stride + column * in_channel_stride + c]);
            }
          }
          *out++ = best;
        }
      }
    }
  }
}

}  // namespace

Kernels reference_kernels() {
  return {"reference", sum_rows,     average_columns, split_columns, conv_pool_row,
          conv_rows,   find_columns, conv_pixels,     conv_3x3,      max_pool};
}

}  // namespace facepipe::detect::kernels
