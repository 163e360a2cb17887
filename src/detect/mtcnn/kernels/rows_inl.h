// P-Net's layers, on planar rows.
#if defined(FACEPIPE_DETECT_KERNELS_ROWS_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef FACEPIPE_DETECT_KERNELS_ROWS_INL_H_
#undef FACEPIPE_DETECT_KERNELS_ROWS_INL_H_
#else
#define FACEPIPE_DETECT_KERNELS_ROWS_INL_H_
#endif

#include "detect/mtcnn/kernels/tiles_inl.h"
#include "detect/mtcnn/kernels/vectors_inl.h"
#include "detect/mtcnn/kernels/winograd.h"

HWY_BEFORE_NAMESPACE();
namespace facepipe::detect::kernels {
namespace HWY_NAMESPACE {

// One vector of pooled columns of kN out channels, from one or two rows of the convolution. The even and the odd
// columns of a row are sums of their own, so that the maximum over both needs no shuffling.
template <int kN>
HWY_INLINE void conv_pool_block(const RowConv& layer, const float* const* rows, std::ptrdiff_t half_stride,
                                int conv_rows, int odd_columns, int channel, int x, float* HWY_RESTRICT out,
                                std::ptrdiff_t out_stride) {
  const int out_channels = layer.out_channels;
  const auto has_odd =
      hn::Lt(hn::Iota(kFloats, static_cast<float>(x)), hn::Set(kFloats, static_cast<float>(odd_columns)));
  Floats best[kN];
  for (int dy = 0; dy < conv_rows; ++dy) {
    Floats even[kN];
    Floats odd[kN];
    HWY_UNROLL(24)
    for (int n = 0; n < kN; ++n) {
      even[n] = hn::Set(kFloats, layer.bias.data()[channel + n]);
      odd[n] = even[n];
    }
    const float* HWY_RESTRICT weights = layer.weights.data() + channel;
    for (int i = 0; i < layer.in_channels; ++i) {
      for (int ky = 0; ky < 3; ++ky) {
        const float* HWY_RESTRICT even_in = rows[dy + ky] + 2 * i * half_stride + x;
        const float* HWY_RESTRICT odd_in = even_in + half_stride;
        const auto in0 = hn::LoadU(kFloats, even_in);
        const auto in1 = hn::LoadU(kFloats, odd_in);
        const auto in2 = hn::LoadU(kFloats, even_in + 1);
        const auto in3 = hn::LoadU(kFloats, odd_in + 1);
        HWY_UNROLL(24)
        for (int n = 0; n < kN; ++n) {
          const auto w0 = hn::Set(kFloats, weights[n]);
          even[n] = hn::MulAdd(in0, w0, even[n]);
          odd[n] = hn::MulAdd(in1, w0, odd[n]);
        }
        weights += out_channels;
        HWY_UNROLL(24)
        for (int n = 0; n < kN; ++n) {
          const auto w1 = hn::Set(kFloats, weights[n]);
          even[n] = hn::MulAdd(in1, w1, even[n]);
          odd[n] = hn::MulAdd(in2, w1, odd[n]);
        }
        weights += out_channels;
        HWY_UNROLL(24)
        for (int n = 0; n < kN; ++n) {
          const auto w2 = hn::Set(kFloats, weights[n]);
          even[n] = hn::MulAdd(in2, w2, even[n]);
          odd[n] = hn::MulAdd(in3, w2, odd[n]);
        }
        weights += out_channels;
      }
    }
    HWY_UNROLL(24)
    for (int n = 0; n < kN; ++n) {
      const auto slope = hn::Set(kFloats, layer.slope.data()[channel + n]);
      const auto left = prelu(even[n], slope);
      const auto larger = hn::IfThenElse(has_odd, hn::Max(left, prelu(odd[n], slope)), left);
      best[n] = dy == 0 ? larger : hn::Max(best[n], larger);
    }
  }
  HWY_UNROLL(24)
  for (int n = 0; n < kN; ++n) {
    hn::StoreU(best[n], kFloats, out + (channel + n) * out_stride + x);
  }
}

void conv_pool_row(const RowConv& layer, const float* const* rows, std::ptrdiff_t half_stride, int conv_rows,
                   int conv_columns, float* HWY_RESTRICT out, std::ptrdiff_t out_stride) {
  constexpr int kN = 5;  // 10 sums; P-Net has 10 channels
  const int columns = (conv_columns + 1) / 2;
  const int odd_columns = conv_columns / 2;
  for (int x = 0; x < columns; x += kLanes) {
    int channel = 0;
    for (; channel + kN <= layer.out_channels; channel += kN) {
      conv_pool_block<kN>(layer, rows, half_stride, conv_rows, odd_columns, channel, x, out, out_stride);
    }
    for (; channel < layer.out_channels; ++channel) {
      conv_pool_block<1>(layer, rows, half_stride, conv_rows, odd_columns, channel, x, out, out_stride);
    }
  }
}

// Winograd's F(4x4,3x3): 36 multiply-adds for 16 outputs instead of 144. A tile is 4 x 4 outputs from 6 x 6 inputs. The
// inputs become 36 components, each summed over in channels like a matrix product, and the outputs are combined from
// the 36 sums (Lavin and Gray 2016, arXiv:1509.09308; the matrices are in winograd.h). The transforms along x and down
// are done one after the other: along x once for each input row, down once for each tile. Vectors run over tiles, which
// are counted through all rows of tiles, so that narrow levels fill their vectors, too.

// Where the inputs of conv_rows lie once they are transformed along x. Input row y is line y / 4 of plane y % 4, so
// that row y of consecutive tiles, each 4 rows below the last of the line before, is consecutive.
struct RowTiles {
  int across = 0;                       // tiles side by side
  int count = 0;                        // of all rows
  std::ptrdiff_t plane_stride = 0;      // one of the 4 planes of an in channel
  std::ptrdiff_t component_stride = 0;  // all in channels
  [[nodiscard]] HWY_INLINE std::ptrdiff_t line(int channel, int y) const {
    return (4 * channel + y % 4) * plane_stride + y / 4 * across;
  }
};

// One row of one in channel; the tiles past the row are overwritten by the next line or stay in the plane's slack.
HWY_INLINE void row_tiles_in(const float* HWY_RESTRICT input, const RowTiles& tiles, float* HWY_RESTRICT components) {
  for (int t = 0; t < tiles.across; t += kLanes) {
    Floats d[kRowComponents];
    Floats unused2, unused3;
    hn::LoadInterleaved4(kFloats, input + 4 * t, d[0], d[1], d[2], d[3]);
    hn::LoadInterleaved4(kFloats, input + 4 * t + 4, d[4], d[5], unused2, unused3);
    Floats parts[kRowComponents];
    tile_in_line<4>(d, parts);
    HWY_UNROLL(24)
    for (int k = 0; k < kRowComponents; ++k) {
      hn::StoreU(parts[k], kFloats, components + k * tiles.component_stride + t);
    }
  }
}

// The transform down for kM vectors of tiles from tile `t` on, in the order of use: [component][in channel][tile].
template <int kM>
HWY_INLINE void row_tiles_down(const float* HWY_RESTRICT components, const RowTiles& tiles, int in_channels, int t,
                               float* HWY_RESTRICT out) {
  constexpr int kVectors = kM * kLanes;
  const std::ptrdiff_t row_of_components = std::ptrdiff_t{kRowComponents} * in_channels * kVectors;
  for (int k = 0; k < kRowComponents; ++k) {
    for (int i = 0; i < in_channels; ++i) {
      HWY_UNROLL(24)
      for (int m = 0; m < kM; ++m) {
        Floats d[kRowComponents];
        HWY_UNROLL(24)
        for (int y = 0; y < kRowComponents; ++y) {
          d[y] = hn::LoadU(kFloats, components + tiles.line(i, y) + t + m * kLanes);
        }
        Floats parts[kRowComponents];
        tile_in_line<4>(d, parts);
        HWY_UNROLL(24)
        for (int y = 0; y < kRowComponents; ++y) {
          hn::Store(parts[y], kFloats, out + y * row_of_components + m * kLanes);
        }
      }
      out += kVectors;
    }
    components += tiles.component_stride;
  }
}

// The sums of one component of kM vectors of tiles for kN out channels: sums[n * kM + m].
template <int kM, int kN>
HWY_INLINE void row_tiles_sum(const float* HWY_RESTRICT packed, int in_channels, const float* HWY_RESTRICT weights,
                              int out_channels, float* HWY_RESTRICT out) {
  Floats sums[kN][kM];
  HWY_UNROLL(24)
  for (int n = 0; n < kN; ++n) {
    HWY_UNROLL(24)
    for (int m = 0; m < kM; ++m) {
      sums[n][m] = hn::Zero(kFloats);
    }
  }
  for (int i = 0; i < in_channels; ++i) {
    Floats values[kM];
    HWY_UNROLL(24)
    for (int m = 0; m < kM; ++m) {
      values[m] = hn::Load(kFloats, packed + m * kLanes);
    }
    HWY_UNROLL(24)
    for (int n = 0; n < kN; ++n) {
      const auto weight = hn::Set(kFloats, weights[n]);
      HWY_UNROLL(24)
      for (int m = 0; m < kM; ++m) {
        sums[n][m] = hn::MulAdd(values[m], weight, sums[n][m]);
      }
    }
    packed += kM * kLanes;
    weights += out_channels;
  }
  HWY_UNROLL(24)
  for (int n = 0; n < kN; ++n) {
    HWY_UNROLL(24)
    for (int m = 0; m < kM; ++m) {
      hn::Store(sums[n][m], kFloats, out + (n * kM + m) * kLanes);
    }
  }
}

// The 16 outputs of each of one vector's tiles from its sums, which are `stride` floats apart: values[y][x].
HWY_INLINE void row_tiles_combine(const float* HWY_RESTRICT sums, int stride, float bias, float slope,
                                  Floats (*HWY_RESTRICT values)[kTileColumns]) {
  Floats halves[kTileColumns][kRowComponents];  // [output row][column's component]
  HWY_UNROLL(24)
  for (int k = 0; k < kRowComponents; ++k) {
    Floats column[kRowComponents];
    HWY_UNROLL(24)
    for (int y = 0; y < kRowComponents; ++y) {
      column[y] = hn::Load(kFloats, sums + (y * kRowComponents + k) * stride);
    }
    Floats rows[kTileColumns];
    tile_out_line<4>(column, rows);
    HWY_UNROLL(24)
    for (int y = 0; y < kTileColumns; ++y) {
      halves[y][k] = rows[y];
    }
  }
  const auto first = hn::Set(kFloats, bias);
  const auto below = hn::Set(kFloats, slope);
  HWY_UNROLL(24)
  for (int y = 0; y < kTileColumns; ++y) {
    Floats row[kTileColumns];
    tile_out_line<4>(halves[y], row);
    HWY_UNROLL(24)
    for (int x = 0; x < kTileColumns; ++x) {
      values[y][x] = prelu(hn::Add(row[x], first), below);
    }
  }
}

// Writes one vector's tiles, the first of which is tile `t`, to the rows of one out channel.
HWY_INLINE void row_tiles_store(const Floats (*HWY_RESTRICT values)[kTileColumns], const RowTiles& tiles, int t,
                                float* HWY_RESTRICT out) {
  const std::ptrdiff_t pitch = std::ptrdiff_t{kTileColumns} * tiles.across;
  int down = t / tiles.across;
  int across = t % tiles.across;
  if (across + kLanes <= tiles.across) {
    float* HWY_RESTRICT to = out + kTileRows * down * pitch + kTileColumns * across;
    HWY_UNROLL(24)
    for (int y = 0; y < kTileRows; ++y) {
      hn::StoreInterleaved4(values[y][0], values[y][1], values[y][2], values[y][3], kFloats, to + y * pitch);
    }
    return;
  }
  HWY_ALIGN float rows[kTileRows][kTileColumns * kMaxLanes];
  for (int y = 0; y < kTileRows; ++y) {
    hn::StoreInterleaved4(values[y][0], values[y][1], values[y][2], values[y][3], kFloats, rows[y]);
  }
  constexpr hn::FixedTag<float, kTileColumns> d_row;
  for (int lane = 0; lane < HWY_MIN(kLanes, tiles.count - t); ++lane) {
    float* HWY_RESTRICT to = out + kTileRows * down * pitch + kTileColumns * across;
    for (int y = 0; y < kTileRows; ++y) {
      hn::StoreU(hn::LoadU(d_row, rows[y] + kTileColumns * lane), d_row, to + y * pitch);
    }
    if (++across == tiles.across) {
      across = 0;
      ++down;
    }
  }
}

// kM vectors of tiles from tile `t` on, for kN out channels from `channel` on.
template <int kM, int kN>
HWY_INLINE void row_tiles_block(const RowConv& layer, const float* packed, const RowTiles& tiles, int t, int channel,
                                float* HWY_RESTRICT out, std::ptrdiff_t out_stride) {
  constexpr int kSums = kN * kM * kLanes;
  HWY_ALIGN float sums[kSquareComponents * kSums];
  const int in_channels = layer.in_channels;
  for (int k = 0; k < kSquareComponents; ++k) {
    row_tiles_sum<kM, kN>(packed + k * in_channels * kM * kLanes, in_channels,
                          layer.tile_weights.data() + k * in_channels * layer.out_channels + channel,
                          layer.out_channels, sums + k * kSums);
  }
  for (int n = 0; n < kN; ++n) {
    const float bias = layer.bias.data()[channel + n];
    const float slope = layer.slope.data()[channel + n];
    for (int m = 0; m < kM; ++m) {
      if (t + m * kLanes < tiles.count) {
        Floats values[kTileRows][kTileColumns];
        row_tiles_combine(sums + (n * kM + m) * kLanes, kSums, bias, slope, values);
        row_tiles_store(values, tiles, t + m * kLanes, out + (channel + n) * out_stride);
      }
    }
  }
}

// As many out channels at once as fill the register tile, then blocks of 4: 16 = 4 * 4 or 2 * 8, 32 = 8 * 4 or 4 * 8.
template <int kM>
HWY_INLINE void row_tiles_channels(const RowConv& layer, const float* packed, const RowTiles& tiles, int t,
                                   float* HWY_RESTRICT out, std::ptrdiff_t out_stride) {
  constexpr int kN = kTile / kM;
  int channel = 0;
  for (; channel + kN <= layer.out_channels; channel += kN) {
    row_tiles_block<kM, kN>(layer, packed, tiles, t, channel, out, out_stride);
  }
  for (; channel + 4 <= layer.out_channels; channel += 4) {
    row_tiles_block<kM, 4>(layer, packed, tiles, t, channel, out, out_stride);
  }
  for (; channel < layer.out_channels; ++channel) {
    row_tiles_block<kM, 1>(layer, packed, tiles, t, channel, out, out_stride);
  }
}

void conv_rows(const RowConv& layer, const float* input, std::ptrdiff_t in_stride, int rows, int pitch, float* scratch,
               float* HWY_RESTRICT out, std::ptrdiff_t out_stride) {
  RowTiles tiles;
  tiles.across = pitch / kTileColumns;
  tiles.count = rows / kTileRows * tiles.across;
  tiles.plane_stride = row_tiles_plane(rows, pitch);
  tiles.component_stride = 4 * tiles.plane_stride * layer.in_channels;
  float* packed = scratch;
  float* components = scratch + row_tiles_packed(layer);
  for (int i = 0; i < layer.in_channels; ++i) {
    for (int y = 0; y < rows + 2; ++y) {
      row_tiles_in(input + i * in_stride + std::ptrdiff_t{y} * pitch, tiles, components + tiles.line(i, y));
    }
  }
  int t = 0;
  for (; tiles.count - t > (kRowVectors - 1) * kLanes; t += kRowVectors * kLanes) {
    row_tiles_down<kRowVectors>(components, tiles, layer.in_channels, t, packed);
    row_tiles_channels<kRowVectors>(layer, packed, tiles, t, out, out_stride);
  }
  for (; t < tiles.count; t += kLanes) {
    row_tiles_down<1>(components, tiles, layer.in_channels, t, packed);
    row_tiles_channels<1>(layer, packed, tiles, t, out, out_stride);
  }
}

int find_columns(const float* HWY_RESTRICT rows, std::ptrdiff_t stride, int channels, int columns,
                 const float* HWY_RESTRICT weights, float bias, float cut, std::int32_t* HWY_RESTRICT found) {
  int count = 0;
  const auto first = hn::Set(kFloats, bias);
  const auto limit = hn::Set(kFloats, cut);
  for (int x = 0; x < columns; x += kLanes) {
    // Two sums, because each waits for its own last multiply-add.
    auto even = first;
    auto odd = hn::Zero(kFloats);
    int i = 0;
    for (; i + 2 <= channels; i += 2) {
      even = hn::MulAdd(hn::LoadU(kFloats, rows + i * stride + x), hn::Set(kFloats, weights[i]), even);
      odd = hn::MulAdd(hn::LoadU(kFloats, rows + (i + 1) * stride + x), hn::Set(kFloats, weights[i + 1]), odd);
    }
    if (i < channels) {
      even = hn::MulAdd(hn::LoadU(kFloats, rows + i * stride + x), hn::Set(kFloats, weights[i]), even);
    }
    const auto sum = hn::Add(even, odd);
    if (hn::AllFalse(kFloats, hn::Ge(sum, limit))) {
      continue;
    }
    HWY_ALIGN float values[kMaxLanes];
    hn::Store(sum, kFloats, values);
    for (int lane = 0; lane < HWY_MIN(kLanes, columns - x); ++lane) {
      if (values[lane] >= cut) {
        found[count++] = x + lane;
      }
    }
  }
  return count;
}

// NOLINTNEXTLINE(google-readability-namespace-comments)
}  // namespace HWY_NAMESPACE
}  // namespace facepipe::detect::kernels
HWY_AFTER_NAMESPACE();

#endif  // include guard of each target
