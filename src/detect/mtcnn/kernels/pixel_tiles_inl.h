// 3x3 convolutions of R-Net and O-Net in tiles, channels last.
#if defined(FACEPIPE_DETECT_KERNELS_PIXEL_TILES_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef FACEPIPE_DETECT_KERNELS_PIXEL_TILES_INL_H_
#undef FACEPIPE_DETECT_KERNELS_PIXEL_TILES_INL_H_
#else
#define FACEPIPE_DETECT_KERNELS_PIXEL_TILES_INL_H_
#endif

#include "detect/mtcnn/kernels/tiles_inl.h"
#include "detect/mtcnn/kernels/vectors_inl.h"

HWY_BEFORE_NAMESPACE();
namespace facepipe::detect::kernels {
namespace HWY_NAMESPACE {

// Winograd's F(3x3,3x3) and F(4x4,3x3): 25 multiply-adds for 9 outputs instead of 81, or 36 for 16 instead of 144. A
// tile is 3x3 outputs from 5x5 inputs, or 4x4 from 6x6. The inputs become 25 or 36 components, each multiplied with its
// own weights as a matrix, [tiles, in] x [in, out], and the outputs are combined from the products (Lavin and Gray
// 2016, arXiv:1509.09308; the matrices are in winograd.h).

// The components of one tile: out[k * component_stride + channel]. `pixels` are the tile's inputs.
template <int kSide>
HWY_INLINE void tile_in(const float* const* pixels, int channels, std::ptrdiff_t component_stride,
                        float* HWY_RESTRICT out) {
  constexpr int kInput = kSide + 2;
  for (int c = 0; c < channels; c += kLanes) {
    Floats parts[kInput][kInput];  // [row's component][column]
    HWY_UNROLL(24)
    for (int x = 0; x < kInput; ++x) {
      Floats column[kInput];
      HWY_UNROLL(24)
      for (int y = 0; y < kInput; ++y) {
        column[y] = hn::LoadU(kFloats, pixels[y * kInput + x] + c);
      }
      Floats down[kInput];
      tile_in_line<kSide>(column, down);
      HWY_UNROLL(24)
      for (int y = 0; y < kInput; ++y) {
        parts[y][x] = down[y];
      }
    }
    HWY_UNROLL(24)
    for (int y = 0; y < kInput; ++y) {
      Floats across[kInput];
      tile_in_line<kSide>(parts[y], across);
      HWY_UNROLL(24)
      for (int x = 0; x < kInput; ++x) {
        hn::StoreU(across[x], kFloats, out + (y * kInput + x) * component_stride + c);
      }
    }
  }
}

// The products of one component: kV vectors of out channels for kP tiles at a time, `tiles` rounded up to whole steps.
template <int kV>
HWY_INLINE void tile_products(const float* HWY_RESTRICT input, int in_stride, int in_channels, int tiles,
                              const float* HWY_RESTRICT weights, int weight_stride, float* HWY_RESTRICT out,
                              int out_stride) {
  constexpr int kP = kTile / kV;
  static_assert(kTileChunk % kP == 0, "whole steps fit the scratch memory");
  for (int t = 0; t < tiles; t += kP) {
    Floats sums[kP][kV];
    HWY_UNROLL(24)
    for (int p = 0; p < kP; ++p) {
      HWY_UNROLL(24)
      for (int v = 0; v < kV; ++v) {
        sums[p][v] = hn::Zero(kFloats);
      }
    }
    for (int i = 0; i < in_channels; ++i) {
      add_products<kP, kV>([&](int p) { return input[p * in_stride + i]; }, weights + i * weight_stride, sums);
    }
    HWY_UNROLL(24)
    for (int p = 0; p < kP; ++p) {
      HWY_UNROLL(24)
      for (int v = 0; v < kV; ++v) {
        hn::StoreU(sums[p][v], kFloats, out + p * out_stride + v * kLanes);
      }
    }
    input += kP * in_stride;
    out += kP * out_stride;
  }
}

// All out channels of one component; `weights` are in the blocks of PixelConv::weights.
HWY_INLINE void tile_products_all(const PixelConv& layer, const float* input, int in_stride, int tiles,
                                  const float* weights, float* out) {
  const int out_stride = layer.padded_out_channels;
  for (int start = 0; start < out_stride; start += kMaxChannelBlock) {
    const int block = HWY_MIN(kMaxChannelBlock, out_stride - start);
    if (block == kMaxChannelBlock) {
      for (int c = 0; c < block; c += whole_vectors(kProductVectors) * kLanes) {
        tile_products<whole_vectors(kProductVectors)>(input, in_stride, layer.in_channels, tiles, weights + c, block,
                                                      out + start + c, out_stride);
      }
    } else {
      for (int c = 0; c < block; c += part_vectors(kProductVectors) * kLanes) {
        tile_products<part_vectors(kProductVectors)>(input, in_stride, layer.in_channels, tiles, weights + c, block,
                                                     out + start + c, out_stride);
      }
    }
    weights += std::ptrdiff_t{block} * layer.in_channels;
  }
}

// The outputs of one tile, the first `rows` x `columns` of which exist.
template <int kSide>
HWY_INLINE void tile_out(const PixelConv& layer, const float* HWY_RESTRICT products, std::ptrdiff_t component_stride,
                         int rows, int columns, std::ptrdiff_t out_row_stride, float* HWY_RESTRICT out) {
  constexpr int kInput = kSide + 2;
  for (int c = 0; c < layer.padded_out_channels; c += kLanes) {
    const auto bias = hn::LoadU(kFloats, layer.bias.data() + c);
    const auto slope = hn::LoadU(kFloats, layer.slope.data() + c);
    Floats halves[kSide][kInput];  // [output row][column's component]
    HWY_UNROLL(24)
    for (int x = 0; x < kInput; ++x) {
      Floats column[kInput];
      HWY_UNROLL(24)
      for (int y = 0; y < kInput; ++y) {
        column[y] = hn::LoadU(kFloats, products + (y * kInput + x) * component_stride + c);
      }
      Floats down[kSide];
      tile_out_line<kSide>(column, down);
      HWY_UNROLL(24)
      for (int y = 0; y < kSide; ++y) {
        halves[y][x] = down[y];
      }
    }
    HWY_UNROLL(24)
    for (int y = 0; y < kSide; ++y) {
      Floats values[kSide];
      tile_out_line<kSide>(halves[y], values);
      if (y < rows) {
        HWY_UNROLL(24)
        for (int x = 0; x < kSide; ++x) {
          if (x < columns) {
            hn::StoreU(prelu(hn::Add(values[x], bias), slope), kFloats,
                       out + y * out_row_stride + x * layer.padded_out_channels + c);
          }
        }
      }
    }
  }
}

// Walks over the tiles of a grid: where each starts, in outputs.
template <int kSide>
class TileCursor {
 public:
  explicit TileCursor(const PixelGrid& grid) : grid_(grid) {}
  [[nodiscard]] HWY_INLINE int batch() const { return batch_; }
  [[nodiscard]] HWY_INLINE int row() const { return row_; }
  [[nodiscard]] HWY_INLINE int column() const { return column_; }
  HWY_INLINE void advance() {
    column_ += kSide;
    if (column_ >= grid_.columns) {
      column_ = 0;
      row_ += kSide;
      if (row_ >= grid_.rows) {
        row_ = 0;
        ++batch_;
      }
    }
  }

 private:
  const PixelGrid& grid_;
  int batch_ = 0;
  int row_ = 0;
  int column_ = 0;
};

template <int kSide>
HWY_INLINE void conv_tiles(const PixelConv& layer, const float* input, const PixelGrid& grid, float* scratch,
                           float* out) {
  constexpr int kInput = kSide + 2;
  constexpr int kComponents = kInput * kInput;
  const int across = (grid.columns + kSide - 1) / kSide;
  const int down = (grid.rows + kSide - 1) / kSide;
  const int tiles = grid.batch * across * down;
  const int in_stride = (layer.in_channels + kMaxLanes - 1) / kMaxLanes * kMaxLanes;
  const std::ptrdiff_t component_stride = std::ptrdiff_t{kTileChunk} * in_stride;
  const std::ptrdiff_t product_stride = std::ptrdiff_t{kTileChunk} * layer.padded_out_channels;
  float* products = scratch + kComponents * component_stride;
  const std::ptrdiff_t out_row_stride = std::ptrdiff_t{grid.columns} * layer.padded_out_channels;
  TileCursor<kSide> in_place(grid);
  TileCursor<kSide> out_place(grid);
  for (int first = 0; first < tiles; first += kTileChunk) {
    const int count = HWY_MIN(kTileChunk, tiles - first);
    for (int i = 0; i < count; ++i) {
      const float* corner = input + in_place.batch() * grid.batch_stride;
      const float* pixels[kComponents];
      for (int y = 0; y < kInput; ++y) {
        // Tiles may reach past the input; what they read there only reaches outputs that do not exist.
        const float* row = corner + HWY_MIN(in_place.row() + y, grid.rows + 1) * grid.row_stride;
        for (int x = 0; x < kInput; ++x) {
          pixels[y * kInput + x] = row + HWY_MIN(in_place.column() + x, grid.columns + 1) * layer.in_channels;
        }
      }
      tile_in<kSide>(pixels, layer.in_channels, component_stride, scratch + i * in_stride);
      in_place.advance();
    }
    const float* weights = layer.tile_weights.data();
    for (int k = 0; k < kComponents; ++k) {
      tile_products_all(layer, scratch + k * component_stride, in_stride, count, weights,
                        products + k * product_stride);
      weights += std::ptrdiff_t{layer.in_channels} * layer.padded_out_channels;
    }
    for (int i = 0; i < count; ++i) {
      float* to = out + ((std::ptrdiff_t{out_place.batch()} * grid.rows + out_place.row()) * grid.columns +
                         out_place.column()) *
                            layer.padded_out_channels;
      tile_out<kSide>(layer, products + i * layer.padded_out_channels, product_stride, grid.rows - out_place.row(),
                      grid.columns - out_place.column(), out_row_stride, to);
      out_place.advance();
    }
  }
}

void conv_3x3(const PixelConv& layer, const float* input, const PixelGrid& grid, float* scratch, float* out) {
  if (layer.tile_side == 4) {
    conv_tiles<4>(layer, input, grid, scratch, out);
  } else {
    conv_tiles<3>(layer, input, grid, scratch, out);
  }
}

// NOLINTNEXTLINE(google-readability-namespace-comments)
}  // namespace HWY_NAMESPACE
}  // namespace facepipe::detect::kernels
HWY_AFTER_NAMESPACE();

#endif  // include guard of each target
