// Computed in double, stored as float. Tested by kernels_test.cc: tiled and direct convolutions agree.
#include "detect/mtcnn/kernels/winograd.h"

#include <algorithm>
#include <array>
#include <span>

#include "base/check.h"

namespace facepipe::detect::kernels {
namespace {

constexpr std::array<std::array<double, 3>, 6> kFourG = {{{1.0 / 4, 0, 0},
                                                          {-1.0 / 6, -1.0 / 6, -1.0 / 6},
                                                          {-1.0 / 6, 1.0 / 6, -1.0 / 6},
                                                          {1.0 / 24, 1.0 / 12, 1.0 / 6},
                                                          {1.0 / 24, -1.0 / 12, 1.0 / 6},
                                                          {0, 0, 1}}};

constexpr std::array<std::array<double, 3>, 5> kThreeG = {{{1.0 / 2, 0, 0},
                                                           {-1.0 / 2, -1.0 / 2, -1.0 / 2},
                                                           {-1.0 / 6, 1.0 / 6, -1.0 / 6},
                                                           {1.0 / 6, 1.0 / 3, 2.0 / 3},
                                                           {0, 0, 1}}};

}  // namespace

void add_tile_weights(RowConv& layer) {
  const std::size_t outs = static_cast<std::size_t>(layer.out_channels);
  const std::size_t ins = static_cast<std::size_t>(layer.in_channels);
  layer.tile_weights.resize(kSquareComponents * ins * outs);
  float* to = layer.tile_weights.data();
  for (const std::array<double, 3>& down : kFourG) {
    for (const std::array<double, 3>& across : kFourG) {
      for (std::size_t i = 0; i < ins; ++i) {
        for (std::size_t c = 0; c < outs; ++c) {
          const float* kernel = layer.weights.data() + i * 9 * outs + c;
          double sum = 0;
          for (std::size_t tap = 0; tap < 9; ++tap) {
            sum += down[tap / 3] * across[tap % 3] * static_cast<double>(kernel[tap * outs]);
          }
          *to++ = static_cast<float>(sum);
        }
      }
    }
  }
}

void add_tile_weights(PixelConv& layer, int side) {
  FACEPIPE_CHECK(layer.kernel_rows == 3 && layer.kernel_columns == 3 && (side == 3 || side == 4));
  layer.tile_side = side;
  const std::span<const std::array<double, 3>> rows =
      side == 3 ? std::span<const std::array<double, 3>>(kThreeG) : std::span<const std::array<double, 3>>(kFourG);
  const int ins = layer.in_channels;
  const std::ptrdiff_t component_size = std::ptrdiff_t{ins} * layer.padded_out_channels;
  layer.tile_weights.resize(rows.size() * rows.size() * static_cast<std::size_t>(component_size));
  float* to = layer.tile_weights.data();
  for (std::size_t k = 0; k < rows.size() * rows.size(); ++k) {
    const std::array<double, 3>& down = rows[k / rows.size()];
    const std::array<double, 3>& across = rows[k % rows.size()];
    for (int start = 0; start < layer.padded_out_channels; start += kMaxChannelBlock) {
      const int block = std::min(kMaxChannelBlock, layer.padded_out_channels - start);
      const float* from = layer.weights.data() + std::ptrdiff_t{start} * layer.taps();
      for (int i = 0; i < ins * block; ++i) {
        double sum = 0;
        for (std::size_t tap = 0; tap < 9; ++tap) {
          sum += down[tap / 3] * across[tap % 3] *
                 static_cast<double>(from[static_cast<std::ptrdiff_t>(tap) * ins * block + i]);
        }
        *to++ = static_cast<float>(sum);
      }
    }
  }
}

std::size_t conv_rows_scratch(const RowConv& layer, int rows, int pitch) {
  return static_cast<std::size_t>(row_tiles_packed(layer) + std::ptrdiff_t{kRowComponents} * 4 * layer.in_channels *
                                                                row_tiles_plane(rows, pitch));
}

std::size_t conv_3x3_scratch(const PixelConv& layer) {
  const int in_stride = (layer.in_channels + kMaxLanes - 1) / kMaxLanes * kMaxLanes;
  const int input = layer.tile_side + 2;
  return static_cast<std::size_t>(input * input * kTileChunk) *
         static_cast<std::size_t>(in_stride + layer.padded_out_channels);
}

}  // namespace facepipe::detect::kernels
