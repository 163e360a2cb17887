// R-Net's and O-Net's layers, channels last.
#if defined(FACEPIPE_DETECT_KERNELS_PIXELS_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef FACEPIPE_DETECT_KERNELS_PIXELS_INL_H_
#undef FACEPIPE_DETECT_KERNELS_PIXELS_INL_H_
#else
#define FACEPIPE_DETECT_KERNELS_PIXELS_INL_H_
#endif

#include "detect/kernels/vectors_inl.h"

HWY_BEFORE_NAMESPACE();
namespace facepipe::detect::kernels {
namespace HWY_NAMESPACE {

// Walks over the output pixels of a grid and yields the input that each sees.
class PixelCursor {
 public:
  PixelCursor(const float* input, const PixelGrid& grid, int pixel_stride)
      : grid_(grid), pixel_stride_(pixel_stride), batch_(input), row_(input), pixel_(input) {}
  [[nodiscard]] HWY_INLINE const float* get() const { return pixel_; }
  HWY_INLINE void advance() {
    pixel_ += pixel_stride_;
    if (++x_ == grid_.columns) {
      x_ = 0;
      row_ += grid_.row_stride;
      if (++y_ == grid_.rows) {
        y_ = 0;
        batch_ += grid_.batch_stride;
        row_ = batch_;
      }
      pixel_ = row_;
    }
  }

 private:
  const PixelGrid& grid_;
  std::ptrdiff_t pixel_stride_;
  const float* batch_;
  const float* row_;
  const float* pixel_;
  int x_ = 0;
  int y_ = 0;
};

// kV vectors of out channels for kP pixels, the first `valid` of which are stored. kActivate: with bias and PReLU.
template <int kV, int kP, bool kActivate>
HWY_INLINE void conv_pixels_block(const PixelConv& layer, const float* const* pixels, std::ptrdiff_t row_stride,
                                  const float* HWY_RESTRICT weights, int weight_stride, int channel, int valid,
                                  float* HWY_RESTRICT out) {
  Floats sums[kP][kV];
  HWY_UNROLL(24)
  for (int v = 0; v < kV; ++v) {
    const auto bias = kActivate ? hn::LoadU(kFloats, layer.bias.data() + channel + v * kLanes) : hn::Zero(kFloats);
    HWY_UNROLL(24)
    for (int p = 0; p < kP; ++p) {
      sums[p][v] = bias;
    }
  }
  const int run = kActivate ? layer.kernel_columns * layer.in_channels : layer.in_channels;
  const int kernel_rows = kActivate ? layer.kernel_rows : 1;
  for (int ky = 0; ky < kernel_rows; ++ky) {
    const float* HWY_RESTRICT in[kP];
    HWY_UNROLL(24)
    for (int p = 0; p < kP; ++p) {
      in[p] = pixels[p] + ky * row_stride;
    }
    for (int k = 0; k < run; ++k) {
      Floats weight[kV];
      HWY_UNROLL(24)
      for (int v = 0; v < kV; ++v) {
        weight[v] = hn::LoadU(kFloats, weights + v * kLanes);
      }
      HWY_UNROLL(24)
      for (int p = 0; p < kP; ++p) {
        const auto value = hn::Set(kFloats, in[p][k]);
        HWY_UNROLL(24)
        for (int v = 0; v < kV; ++v) {
          sums[p][v] = hn::MulAdd(value, weight[v], sums[p][v]);
        }
      }
      weights += weight_stride;
    }
  }
  HWY_UNROLL(24)
  for (int v = 0; v < kV; ++v) {
    const auto slope = kActivate ? hn::LoadU(kFloats, layer.slope.data() + channel + v * kLanes) : hn::Zero(kFloats);
    HWY_UNROLL(24)
    for (int p = 0; p < kP; ++p) {
      sums[p][v] = kActivate ? prelu(sums[p][v], slope) : sums[p][v];
    }
  }
  const std::ptrdiff_t stride = layer.padded_out_channels;
  out += channel;
  if (valid >= kP) {
    HWY_UNROLL(24)
    for (int p = 0; p < kP; ++p) {
      HWY_UNROLL(24)
      for (int v = 0; v < kV; ++v) {
        hn::StoreU(sums[p][v], kFloats, out + p * stride + v * kLanes);
      }
    }
    return;
  }
  HWY_UNROLL(24)
  for (int p = 0; p < kP; ++p) {
    HWY_UNROLL(24)
    for (int v = 0; v < kV; ++v) {
      if (p < valid) {
        hn::StoreU(sums[p][v], kFloats, out + p * stride + v * kLanes);
      }
    }
  }
}

// All pixels for kV vectors of out channels from `channel` on; `weights` are theirs.
template <int kV, bool kActivate>
HWY_INLINE void conv_pixels_channels(const PixelConv& layer, const float* input, int pixel_stride,
                                     const PixelGrid& grid, const float* weights, int weight_stride, int channel,
                                     float* out) {
  constexpr int kP = kTile / kV;
  PixelCursor cursor(input, grid, pixel_stride);
  for (int left = grid.batch * grid.rows * grid.columns; left > 0; left -= kP) {
    const float* pixels[kP];
    for (int p = 0; p < kP; ++p) {
      // Past the end, the last pixel again: computed and not stored.
      pixels[p] = p < left ? cursor.get() : pixels[p - 1];
      if (p < left) {
        cursor.advance();
      }
    }
    conv_pixels_block<kV, kP, kActivate>(layer, pixels, grid.row_stride, weights, weight_stride, channel, left, out);
    out += kP * layer.padded_out_channels;
  }
}

// `weights` have `taps` taps, in the blocks of PixelConv::weights.
template <bool kActivate>
HWY_INLINE void conv_pixels_all(const PixelConv& layer, const float* input, int pixel_stride, const PixelGrid& grid,
                                const float* weights, int taps, float* out) {
  constexpr int kHalf = kChannelBlock / kLanes;  // vectors in 16 channels
  constexpr int kWhole = HWY_MIN(kPixelVectors, 2 * kHalf);
  constexpr int kPart = HWY_MIN(kPixelVectors, kHalf);
  for (int start = 0; start < layer.padded_out_channels; start += kMaxChannelBlock) {
    const int block = HWY_MIN(kMaxChannelBlock, layer.padded_out_channels - start);
    if (block == kMaxChannelBlock) {
      for (int c = 0; c < block; c += kWhole * kLanes) {
        conv_pixels_channels<kWhole, kActivate>(layer, input, pixel_stride, grid, weights + c, block, start + c, out);
      }
    } else {
      for (int c = 0; c < block; c += kPart * kLanes) {
        conv_pixels_channels<kPart, kActivate>(layer, input, pixel_stride, grid, weights + c, block, start + c, out);
      }
    }
    weights += std::ptrdiff_t{block} * taps;
  }
}

void conv_pixels(const PixelConv& layer, const float* input, const PixelGrid& grid, float* out) {
  conv_pixels_all<true>(layer, input, layer.in_channels, grid, layer.weights.data(), layer.taps(), out);
}

// Winograd's F(3x3,3x3): 25 multiply-adds for 9 outputs instead of 81. A tile is 3x3 outputs from 5x5 inputs. The
// inputs become 25 components, each multiplied with its own weights as a matrix, [tiles, in] x [in, out], and the
// outputs are combined from the 25 products (Lavin and Gray 2016, arXiv:1509.09308; the matrices are in winograd.h).
constexpr int kTileInput = 5;
constexpr int kTileComponents = kTileInput * kTileInput;

// B transposed times a column of five.
HWY_INLINE void tile_in_five(const Floats* HWY_RESTRICT d, Floats* HWY_RESTRICT t) {
  const auto two = hn::Set(kFloats, 2.0F);
  const auto d32 = hn::Sub(d[3], d[2]);
  const auto d31 = hn::Sub(d[3], d[1]);
  t[0] = hn::MulAdd(two, hn::Sub(d[0], d[2]), d31);
  t[1] = hn::NegMulAdd(two, d[1], d32);
  t[2] = hn::MulAdd(two, hn::Sub(d[1], d[2]), d32);
  t[3] = d31;
  t[4] = hn::NegMulAdd(two, d31, hn::Sub(d[4], d[2]));
}

// A transposed times a column of five: three.
HWY_INLINE void tile_out_three(const Floats* HWY_RESTRICT m, Floats* HWY_RESTRICT y) {
  const auto sum = hn::Add(m[1], m[2]);
  y[0] = hn::Add(hn::Add(m[0], m[3]), sum);
  y[1] = hn::MulAdd(hn::Set(kFloats, 2.0F), m[3], hn::Sub(m[1], m[2]));
  y[2] = hn::MulAdd(hn::Set(kFloats, 4.0F), m[3], hn::Add(sum, m[4]));
}

// The components of one tile: out[k * component_stride + channel]. `pixels` are the tile's 25 inputs.
HWY_INLINE void tile_in(const float* const* pixels, int channels, std::ptrdiff_t component_stride,
                        float* HWY_RESTRICT out) {
  for (int c = 0; c < channels; c += kLanes) {
    Floats rows[kTileInput][kTileInput];  // [column][component of the row transform]
    HWY_UNROLL(24)
    for (int x = 0; x < kTileInput; ++x) {
      Floats column[kTileInput];
      HWY_UNROLL(24)
      for (int y = 0; y < kTileInput; ++y) {
        column[y] = hn::LoadU(kFloats, pixels[y * kTileInput + x] + c);
      }
      tile_in_five(column, rows[x]);
    }
    HWY_UNROLL(24)
    for (int y = 0; y < kTileInput; ++y) {
      const Floats row[kTileInput] = {rows[0][y], rows[1][y], rows[2][y], rows[3][y], rows[4][y]};
      Floats parts[kTileInput];
      tile_in_five(row, parts);
      HWY_UNROLL(24)
      for (int x = 0; x < kTileInput; ++x) {
        hn::StoreU(parts[x], kFloats, out + (y * kTileInput + x) * component_stride + c);
      }
    }
  }
}

// The outputs of one tile, the first `rows` x `columns` of which exist.
HWY_INLINE void tile_out(const PixelConv& layer, const float* HWY_RESTRICT products, std::ptrdiff_t component_stride,
                         int rows, int columns, std::ptrdiff_t out_row_stride, float* HWY_RESTRICT out) {
  for (int c = 0; c < layer.padded_out_channels; c += kLanes) {
    const auto bias = hn::LoadU(kFloats, layer.bias.data() + c);
    const auto slope = hn::LoadU(kFloats, layer.slope.data() + c);
    Floats halves[kTileInput][kTileSide];  // [column][output row]
    HWY_UNROLL(24)
    for (int x = 0; x < kTileInput; ++x) {
      Floats column[kTileInput];
      HWY_UNROLL(24)
      for (int y = 0; y < kTileInput; ++y) {
        column[y] = hn::LoadU(kFloats, products + (y * kTileInput + x) * component_stride + c);
      }
      tile_out_three(column, halves[x]);
    }
    HWY_UNROLL(24)
    for (int y = 0; y < kTileSide; ++y) {
      const Floats row[kTileInput] = {halves[0][y], halves[1][y], halves[2][y], halves[3][y], halves[4][y]};
      Floats values[kTileSide];
      tile_out_three(row, values);
      if (y < rows) {
        HWY_UNROLL(24)
        for (int x = 0; x < kTileSide; ++x) {
          if (x < columns) {
            hn::StoreU(prelu(hn::Add(values[x], bias), slope), kFloats,
                       out + y * out_row_stride + x * layer.padded_out_channels + c);
          }
        }
      }
    }
  }
}

// Where tile `index` of a grid starts, in outputs.
struct TilePlace {
  int batch, row, column;
};
HWY_INLINE TilePlace tile_place(const PixelGrid& grid, int index) {
  const int across = (grid.columns + kTileSide - 1) / kTileSide;
  const int down = (grid.rows + kTileSide - 1) / kTileSide;
  const int line = index / across;
  return {line / down, line % down * kTileSide, index % across * kTileSide};
}

void conv_3x3(const PixelConv& layer, const float* input, const PixelGrid& grid, float* scratch, float* out) {
  const int across = (grid.columns + kTileSide - 1) / kTileSide;
  const int down = (grid.rows + kTileSide - 1) / kTileSide;
  const int tiles = grid.batch * across * down;
  const int in_stride = (layer.in_channels + kMaxLanes - 1) / kMaxLanes * kMaxLanes;
  const std::ptrdiff_t component_stride = std::ptrdiff_t{kTileChunk} * in_stride;
  const std::ptrdiff_t product_stride = std::ptrdiff_t{kTileChunk} * layer.padded_out_channels;
  float* products = scratch + kTileComponents * component_stride;
  const std::ptrdiff_t out_row_stride = std::ptrdiff_t{grid.columns} * layer.padded_out_channels;
  for (int first = 0; first < tiles; first += kTileChunk) {
    const int count = HWY_MIN(kTileChunk, tiles - first);
    for (int i = 0; i < count; ++i) {
      const TilePlace place = tile_place(grid, first + i);
      const float* pixels[kTileComponents];
      for (int k = 0; k < kTileComponents; ++k) {
        // Tiles may reach past the input; what they read there only reaches outputs that do not exist.
        const int y = HWY_MIN(place.row + k / kTileInput, grid.rows + 1);
        const int x = HWY_MIN(place.column + k % kTileInput, grid.columns + 1);
        pixels[k] = input + place.batch * grid.batch_stride + y * grid.row_stride + x * layer.in_channels;
      }
      tile_in(pixels, layer.in_channels, component_stride, scratch + i * in_stride);
    }
    for (int k = 0; k < kTileComponents; ++k) {
      const float* weights =
          layer.tile_weights.data() + std::ptrdiff_t{k} * layer.in_channels * layer.padded_out_channels;
      conv_pixels_all<false>(layer, scratch + k * component_stride, in_stride, {1, 1, count, 0, 0}, weights,
                             layer.in_channels, products + k * product_stride);
    }
    for (int i = 0; i < count; ++i) {
      const TilePlace place = tile_place(grid, first + i);
      float* to = out + ((std::ptrdiff_t{place.batch} * grid.rows + place.row) * grid.columns + place.column) *
                            layer.padded_out_channels;
      tile_out(layer, products + i * layer.padded_out_channels, product_stride, grid.rows - place.row,
               grid.columns - place.column, out_row_stride, to);
    }
  }
}

// One output pixel whose window lies inside the input: kSize x kSize.
template <int kSize>
HWY_INLINE void max_pool_pixel(const float* HWY_RESTRICT corner, std::ptrdiff_t row_stride, int channel_stride,
                               int channels, float* HWY_RESTRICT out) {
  // The last vector may reach past `channels`; the next pixel, written later, overwrites that.
  for (int c = 0; c < channels; c += kLanes) {
    auto best = hn::LoadU(kFloats, corner + c);
    HWY_UNROLL(24)
    for (int k = 1; k < kSize * kSize; ++k) {
      best = hn::Max(best, hn::LoadU(kFloats, corner + k / kSize * row_stride + k % kSize * channel_stride + c));
    }
    hn::StoreU(best, kFloats, out + c);
  }
}

// The same for a window that the edge cuts off.
HWY_INLINE void max_pool_edge(const float* HWY_RESTRICT corner, std::ptrdiff_t row_stride, int channel_stride,
                              int channels, int rows, int columns, float* HWY_RESTRICT out) {
  for (int c = 0; c < channels; c += kLanes) {
    auto best = hn::LoadU(kFloats, corner + c);
    for (int y = 0; y < rows; ++y) {
      for (int x = 0; x < columns; ++x) {
        best = hn::Max(best, hn::LoadU(kFloats, corner + y * row_stride + x * channel_stride + c));
      }
    }
    hn::StoreU(best, kFloats, out + c);
  }
}

template <int kSize>
HWY_INLINE void max_pool_sized(const float* HWY_RESTRICT input, int in_rows, int in_columns, int channel_stride,
                               const PixelGrid& grid, int channels, float* HWY_RESTRICT out) {
  for (int n = 0; n < grid.batch; ++n) {
    for (int y = 0; y < grid.rows; ++y) {
      const int rows = HWY_MIN(kSize, in_rows - 2 * y);
      for (int x = 0; x < grid.columns; ++x) {
        const int columns = HWY_MIN(kSize, in_columns - 2 * x);
        const float* corner = input + n * grid.batch_stride + 2 * y * grid.row_stride + 2 * x * channel_stride;
        if (rows == kSize && columns == kSize) {
          max_pool_pixel<kSize>(corner, grid.row_stride, channel_stride, channels, out);
        } else {
          max_pool_edge(corner, grid.row_stride, channel_stride, channels, rows, columns, out);
        }
        out += channels;
      }
    }
  }
}

void max_pool(const float* input, int in_rows, int in_columns, int in_channel_stride, int size, const PixelGrid& grid,
              int channels, float* out) {
  if (size == 3) {
    max_pool_sized<3>(input, in_rows, in_columns, in_channel_stride, grid, channels, out);
  } else {
    max_pool_sized<2>(input, in_rows, in_columns, in_channel_stride, grid, channels, out);
  }
}

// NOLINTNEXTLINE(google-readability-namespace-comments)
}  // namespace HWY_NAMESPACE
}  // namespace facepipe::detect::kernels
HWY_AFTER_NAMESPACE();

#endif  // include guard of each target
