// P-Net's layers, on planar rows.
#if defined(FACEPIPE_DETECT_KERNELS_ROWS_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef FACEPIPE_DETECT_KERNELS_ROWS_INL_H_
#undef FACEPIPE_DETECT_KERNELS_ROWS_INL_H_
#else
#define FACEPIPE_DETECT_KERNELS_ROWS_INL_H_
#endif

#include "detect/kernels/vectors_inl.h"
#include "detect/kernels/winograd.h"

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

// Winograd's F(4,3) along x, direct sums over kernel rows: 18 multiply-adds for 4 outputs instead of 36. A tile is 4
// output columns from 6 input columns. The input becomes 6 components, each summed over in channels and kernel rows
// like a matrix product, and the 4 outputs are combined from the 6 sums (Lavin and Gray 2016, arXiv:1509.09308; the
// matrices are in winograd.h).

// One in channel: components[k * component_stride + tile].
HWY_INLINE void row_tiles_in(const float* HWY_RESTRICT input, int tiles, std::ptrdiff_t component_stride,
                             float* HWY_RESTRICT components) {
  const auto two = hn::Set(kFloats, 2.0F);
  const auto four = hn::Set(kFloats, 4.0F);
  const auto five = hn::Set(kFloats, 5.0F);
  for (int t = 0; t < tiles; t += kLanes) {
    Floats d0, d1, d2, d3, d4, d5, unused2, unused3;
    hn::LoadInterleaved4(kFloats, input + 4 * t, d0, d1, d2, d3);
    hn::LoadInterleaved4(kFloats, input + 4 * t + 4, d4, d5, unused2, unused3);
    const auto d42 = hn::NegMulAdd(four, d2, d4);
    const auto d31 = hn::NegMulAdd(four, d1, d3);
    const auto e42 = hn::Sub(d4, d2);
    const auto e31 = hn::Mul(two, hn::Sub(d3, d1));
    float* HWY_RESTRICT to = components + t;
    hn::StoreU(hn::MulAdd(four, d0, hn::NegMulAdd(five, d2, d4)), kFloats, to);
    hn::StoreU(hn::Add(d42, d31), kFloats, to + component_stride);
    hn::StoreU(hn::Sub(d42, d31), kFloats, to + 2 * component_stride);
    hn::StoreU(hn::Add(e42, e31), kFloats, to + 3 * component_stride);
    hn::StoreU(hn::Sub(e42, e31), kFloats, to + 4 * component_stride);
    hn::StoreU(hn::MulAdd(four, d1, hn::NegMulAdd(five, d3, d5)), kFloats, to + 5 * component_stride);
  }
}

// Copies what kM vectors of tiles need to where it lies in the order of use: [component][in channel][kernel row][tile].
// From there on loads are aligned and in the nearest cache for all out channels.
template <int kM>
HWY_INLINE void row_tiles_pack(const float* HWY_RESTRICT components, std::ptrdiff_t channel_stride, int lines,
                               int row_stride, float* HWY_RESTRICT out) {
  for (int line = 0; line < lines; ++line) {
    for (int ky = 0; ky < 3; ++ky) {
      HWY_UNROLL(24)
      for (int m = 0; m < kM; ++m) {
        hn::Store(hn::LoadU(kFloats, components + ky * row_stride + m * kLanes), kFloats, out);
        out += kLanes;
      }
    }
    components += channel_stride;
  }
}

// The sums of one component of kM vectors of tiles for kN out channels: sums[n * kM + m]. `lines`: in channels times
// kernel rows.
template <int kM, int kN>
HWY_INLINE void row_tiles_sum(const float* HWY_RESTRICT packed, int lines, const float* HWY_RESTRICT weights,
                              int out_channels, float* HWY_RESTRICT out) {
  Floats sums[kN][kM];
  HWY_UNROLL(24)
  for (int n = 0; n < kN; ++n) {
    HWY_UNROLL(24)
    for (int m = 0; m < kM; ++m) {
      sums[n][m] = hn::Zero(kFloats);
    }
  }
  for (int line = 0; line < lines; ++line) {
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

// Combines the components' sums of one vector of tiles into 4 columns a tile; sums are component_stride floats apart.
HWY_INLINE void row_tiles_out(const float* HWY_RESTRICT sums, int component_stride, float bias, float slope,
                              float* HWY_RESTRICT out) {
  const auto m0 = hn::Load(kFloats, sums);
  const auto m1 = hn::Load(kFloats, sums + component_stride);
  const auto m2 = hn::Load(kFloats, sums + 2 * component_stride);
  const auto m3 = hn::Load(kFloats, sums + 3 * component_stride);
  const auto m4 = hn::Load(kFloats, sums + 4 * component_stride);
  const auto m5 = hn::Load(kFloats, sums + 5 * component_stride);
  const auto first = hn::Set(kFloats, bias);
  const auto below = hn::Set(kFloats, slope);
  const auto p12 = hn::Add(m1, m2);
  const auto d12 = hn::Add(hn::Sub(m1, m2), first);
  const auto p34 = hn::Add(m3, m4);
  const auto d34 = hn::Sub(m3, m4);
  const auto y0 = hn::Add(hn::Add(hn::Add(m0, first), p12), p34);
  const auto y1 = hn::MulAdd(hn::Set(kFloats, 2.0F), d34, d12);
  const auto y2 = hn::MulAdd(hn::Set(kFloats, 4.0F), p34, hn::Add(p12, first));
  const auto y3 = hn::Add(hn::MulAdd(hn::Set(kFloats, 8.0F), d34, d12), m5);
  hn::StoreInterleaved4(prelu(y0, below), prelu(y1, below), prelu(y2, below), prelu(y3, below), kFloats, out);
}

// kM vectors of tiles for kN out channels from `channel` on.
template <int kM, int kN>
HWY_INLINE void row_tiles_block(const RowConv& layer, const float* packed, int channel, float* HWY_RESTRICT out,
                                std::ptrdiff_t out_stride) {
  constexpr int kSums = kN * kM * kLanes;
  HWY_ALIGN float sums[kRowComponents * kSums];
  const int lines = layer.in_channels * 3;
  for (int k = 0; k < kRowComponents; ++k) {
    row_tiles_sum<kM, kN>(packed + k * lines * kM * kLanes, lines,
                          layer.tile_weights.data() + k * lines * layer.out_channels + channel, layer.out_channels,
                          sums + k * kSums);
  }
  for (int n = 0; n < kN; ++n) {
    const float bias = layer.bias.data()[channel + n];
    const float slope = layer.slope.data()[channel + n];
    for (int m = 0; m < kM; ++m) {
      row_tiles_out(sums + (n * kM + m) * kLanes, kSums, bias, slope,
                    out + (channel + n) * out_stride + kTileColumns * m * kLanes);
    }
  }
}

// Blocks of 4 out channels until the rest divides by the register tile's 6 or 8: 16 = 4 + 2 * 6, 32 = 2 * 4 + 4 * 6.
template <int kM>
HWY_INLINE void row_tiles_channels(const RowConv& layer, const float* packed, float* HWY_RESTRICT out,
                                   std::ptrdiff_t out_stride) {
  constexpr int kN = kTile / kRowVectors;
  int channel = 0;
  for (; (layer.out_channels - channel) % kN != 0 && layer.out_channels - channel >= 4; channel += 4) {
    row_tiles_block<kM, 4>(layer, packed, channel, out, out_stride);
  }
  for (; channel + kN <= layer.out_channels; channel += kN) {
    row_tiles_block<kM, kN>(layer, packed, channel, out, out_stride);
  }
  for (; channel < layer.out_channels; ++channel) {
    row_tiles_block<kM, 1>(layer, packed, channel, out, out_stride);
  }
}

void conv_rows(const RowConv& layer, const float* input, std::ptrdiff_t in_stride, int rows, int pitch, float* scratch,
               float* HWY_RESTRICT out, std::ptrdiff_t out_stride) {
  const int row_tiles = pitch / kTileColumns;
  const int tiles = rows * row_tiles;  // of all rows, as if they were one
  const std::ptrdiff_t channel_stride = padded_columns((rows + 2) * row_tiles);
  const std::ptrdiff_t component_stride = channel_stride * layer.in_channels;
  float* packed = scratch;
  float* components = scratch + row_tiles_packed(layer);
  for (int i = 0; i < layer.in_channels; ++i) {
    row_tiles_in(input + i * in_stride, (rows + 2) * row_tiles, component_stride, components + i * channel_stride);
  }
  const int lines = kRowComponents * layer.in_channels;
  int t = 0;
  for (; tiles - t > (kRowVectors - 1) * kLanes; t += kRowVectors * kLanes) {
    row_tiles_pack<kRowVectors>(components + t, channel_stride, lines, row_tiles, packed);
    row_tiles_channels<kRowVectors>(layer, packed, out + kTileColumns * t, out_stride);
  }
  for (; t < tiles; t += kLanes) {
    row_tiles_pack<1>(components + t, channel_stride, lines, row_tiles, packed);
    row_tiles_channels<1>(layer, packed, out + kTileColumns * t, out_stride);
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
