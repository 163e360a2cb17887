// The kernels on Google Highway's portable vectors: this file is compiled once for every vector width (foreach_target)
// and the widest that the CPU runs is chosen at run time. The register tiles keep 12 sums in vectors where the CPU has
// 16 vector registers and 24 where it has 32: enough to hide the latency of the multiply-adds and to need fewer loads
// than those. Tested against reference.cc, for every width, by kernels_test.cc.
#include "detect/kernels/kernels.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "detect/kernels/highway.cc"  // NOLINT(bugprone-suspicious-include)
// Register tiles are arrays of vectors, which scalable vectors cannot be; such CPUs have NEON, too.
#define HWY_DISABLED_TARGETS (HWY_SVE | HWY_SVE2 | HWY_SVE_256 | HWY_SVE2_128 | HWY_RVV)
#include <hwy/foreach_target.h>
// After foreach_target.h.
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace facepipe::detect::kernels {
namespace HWY_NAMESPACE {
namespace {

#if HWY_TARGET == HWY_SCALAR

// No vectors at all (an x86 CPU older than SSSE3): the plain loops.
Kernels make_table() {
  return reference_kernels();
}

#else

namespace hn = hwy::HWY_NAMESPACE;

using FloatTag = hn::CappedTag<float, kMaxLanes>;
using Floats = hn::Vec<FloatTag>;
constexpr FloatTag kFloats;
constexpr int kLanes = static_cast<int>(hn::MaxLanes(FloatTag()));
#if HWY_ARCH_ARM_A64 || HWY_TARGET <= HWY_AVX3
constexpr int kTile = 24;  // sums held in registers
#else
constexpr int kTile = 12;
#endif

HWY_INLINE Floats prelu(Floats value, Floats slope) {
  const auto zero = hn::Zero(kFloats);
  return hn::MulAdd(hn::Min(value, zero), slope, hn::Max(value, zero));
}

void sum_rows(const std::uint8_t* HWY_RESTRICT first_row, std::ptrdiff_t stride_bytes, int rows, int count,
              std::uint32_t* HWY_RESTRICT sums) {
  constexpr hn::CappedTag<std::uint16_t, 2 * kMaxLanes> d16;
  constexpr hn::Rebind<std::uint8_t, decltype(d16)> d8;
  constexpr hn::RepartitionToWide<decltype(d16)> d32;
  constexpr int kStep = static_cast<int>(hn::MaxLanes(d16));
  constexpr int kMaxRows16 = 257;  // 257 * 255 fits 16 bits
  int i = 0;
  for (; i + kStep <= count; i += kStep) {
    const std::uint8_t* HWY_RESTRICT source = first_row + i;
    auto low = hn::Zero(d32);
    auto high = hn::Zero(d32);
    for (int y = 0; y < rows; y += kMaxRows16) {
      auto sum = hn::Zero(d16);
      for (int end = HWY_MIN(rows, y + kMaxRows16), row = y; row < end; ++row) {
        sum = hn::Add(sum, hn::PromoteTo(d16, hn::LoadU(d8, source)));
        source += stride_bytes;
      }
      low = hn::Add(low, hn::PromoteTo(d32, hn::LowerHalf(sum)));
      high = hn::Add(high, hn::PromoteTo(d32, hn::UpperHalf(hn::Half<decltype(d16)>(), sum)));
    }
    hn::StoreU(low, d32, sums + i);
    hn::StoreU(high, d32, sums + i + kStep / 2);
  }
  for (; i < count; ++i) {
    std::uint32_t sum = 0;
    for (int y = 0; y < rows; ++y) {
      sum += first_row[y * stride_bytes + i];
    }
    sums[i] = sum;
  }
}

// A pixel is a vector of four: its three channels and one value of the next pixel, which nobody reads.
void average_columns(const std::uint32_t* HWY_RESTRICT sums, const Window* HWY_RESTRICT windows, int columns, int rows,
                     int pixel_stride, float* HWY_RESTRICT out) {
  constexpr hn::FixedTag<std::uint32_t, 4> d_sum;
  constexpr hn::FixedTag<std::int32_t, 4> d_int;
  constexpr hn::FixedTag<float, 4> d_out;
  const auto middle = hn::Set(d_out, 127.5F);
  const auto norm = hn::Set(d_out, 0.0078125F);
  for (int x = 0; x < columns; ++x) {
    const int begin = windows[x].begin;
    const int end = windows[x].end;
    auto sum = hn::LoadU(d_sum, sums + 3 * begin);
    for (int i = begin + 1; i < end; ++i) {
      sum = hn::Add(sum, hn::LoadU(d_sum, sums + 3 * i));
    }
    // Sums past 2^31 happen only for pictures that no decoder of this program lets through; halved, they fit an int.
    const auto half = hn::ConvertTo(d_out, hn::BitCast(d_int, hn::ShiftRight<1>(sum)));
    const auto odd = hn::ConvertTo(d_out, hn::BitCast(d_int, hn::And(sum, hn::Set(d_sum, 1))));
    const auto total = hn::Add(hn::Add(half, half), odd);
    const float pixels = static_cast<float>(rows) * static_cast<float>(end - begin);
    const auto mean = hn::Div(total, hn::Set(d_out, pixels));
    hn::StoreU(hn::Mul(hn::Sub(mean, middle), norm), d_out, out);
    out += pixel_stride;
  }
}

void split_columns(const float* HWY_RESTRICT rgbx, int columns, float* HWY_RESTRICT out, std::ptrdiff_t half_stride) {
  int x = 0;
  for (; x + 2 * kLanes <= columns; x += 2 * kLanes) {
    Floats first[4];
    Floats second[4];
    hn::LoadInterleaved4(kFloats, rgbx + 4 * x, first[0], first[1], first[2], first[3]);
    hn::LoadInterleaved4(kFloats, rgbx + 4 * (x + kLanes), second[0], second[1], second[2], second[3]);
    for (int c = 0; c < 3; ++c) {
      float* HWY_RESTRICT even = out + 2 * c * half_stride + x / 2;
      hn::StoreU(hn::ConcatEven(kFloats, second[c], first[c]), kFloats, even);
      hn::StoreU(hn::ConcatOdd(kFloats, second[c], first[c]), kFloats, even + half_stride);
    }
  }
  for (; x < columns; ++x) {
    for (int c = 0; c < 3; ++c) {
      out[(2 * c + x % 2) * half_stride + x / 2] = rgbx[4 * x + c];
    }
  }
}

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

// kM vectors of columns of kN out channels.
template <int kM, int kN>
HWY_INLINE void conv_row_block(const RowConv& layer, const float* const* rows, std::ptrdiff_t in_stride, int channel,
                               int x, float* HWY_RESTRICT out, std::ptrdiff_t out_stride) {
  const int out_channels = layer.out_channels;
  Floats sums[kN][kM];
  HWY_UNROLL(24)
  for (int n = 0; n < kN; ++n) {
    const auto bias = hn::Set(kFloats, layer.bias.data()[channel + n]);
    HWY_UNROLL(24)
    for (int m = 0; m < kM; ++m) {
      sums[n][m] = bias;
    }
  }
  const float* HWY_RESTRICT weights = layer.weights.data() + channel;
  for (int i = 0; i < layer.in_channels; ++i) {
    for (int ky = 0; ky < 3; ++ky) {
      const float* HWY_RESTRICT in = rows[ky] + i * in_stride + x;
      HWY_UNROLL(3)
      for (int kx = 0; kx < 3; ++kx) {
        Floats values[kM];
        HWY_UNROLL(24)
        for (int m = 0; m < kM; ++m) {
          values[m] = hn::LoadU(kFloats, in + kx + m * kLanes);
        }
        HWY_UNROLL(24)
        for (int n = 0; n < kN; ++n) {
          const auto weight = hn::Set(kFloats, weights[n]);
          HWY_UNROLL(24)
          for (int m = 0; m < kM; ++m) {
            sums[n][m] = hn::MulAdd(values[m], weight, sums[n][m]);
          }
        }
        weights += out_channels;
      }
    }
  }
  HWY_UNROLL(24)
  for (int n = 0; n < kN; ++n) {
    const auto slope = hn::Set(kFloats, layer.slope.data()[channel + n]);
    HWY_UNROLL(24)
    for (int m = 0; m < kM; ++m) {
      hn::StoreU(prelu(sums[n][m], slope), kFloats, out + (channel + n) * out_stride + x + m * kLanes);
    }
  }
}

template <int kM>
HWY_INLINE void conv_row_columns(const RowConv& layer, const float* const* rows, std::ptrdiff_t in_stride, int x,
                                 float* HWY_RESTRICT out, std::ptrdiff_t out_stride) {
  constexpr int kN = kTile / 3;
  int channel = 0;
  for (; channel + kN <= layer.out_channels; channel += kN) {
    conv_row_block<kM, kN>(layer, rows, in_stride, channel, x, out, out_stride);
  }
  for (; channel < layer.out_channels; ++channel) {
    conv_row_block<kM, 1>(layer, rows, in_stride, channel, x, out, out_stride);
  }
}

void conv_row(const RowConv& layer, const float* const* rows, std::ptrdiff_t in_stride, int columns,
              float* HWY_RESTRICT out, std::ptrdiff_t out_stride) {
  int x = 0;
  for (; columns - x > 2 * kLanes; x += 3 * kLanes) {
    conv_row_columns<3>(layer, rows, in_stride, x, out, out_stride);
  }
  if (columns - x > kLanes) {
    conv_row_columns<2>(layer, rows, in_stride, x, out, out_stride);
  } else if (columns > x) {
    conv_row_columns<1>(layer, rows, in_stride, x, out, out_stride);
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

// kV vectors of out channels for kP pixels.
template <int kV, int kP>
HWY_INLINE void conv_pixels_block(const PixelConv& layer, const float* const* pixels, std::ptrdiff_t row_stride,
                                  const float* HWY_RESTRICT weights, int weight_stride, int channel, int valid,
                                  float* HWY_RESTRICT out) {
  Floats sums[kP][kV];
  HWY_UNROLL(24)
  for (int v = 0; v < kV; ++v) {
    const auto bias = hn::LoadU(kFloats, layer.bias.data() + channel + v * kLanes);
    HWY_UNROLL(24)
    for (int p = 0; p < kP; ++p) {
      sums[p][v] = bias;
    }
  }
  const int run = layer.kernel_columns * layer.in_channels;
  for (int ky = 0; ky < layer.kernel_rows; ++ky) {
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
    const auto slope = hn::LoadU(kFloats, layer.slope.data() + channel + v * kLanes);
    HWY_UNROLL(24)
    for (int p = 0; p < kP; ++p) {
      if (p < valid) {
        hn::StoreU(prelu(sums[p][v], slope), kFloats, out + p * layer.padded_out_channels + channel + v * kLanes);
      }
    }
  }
}

// All pixels for kV vectors of out channels from `channel` on; `weights` are theirs.
template <int kV>
HWY_INLINE void conv_pixels_channels(const PixelConv& layer, const float* input, const PixelGrid& grid,
                                     const float* weights, int weight_stride, int channel, float* out) {
  constexpr int kP = kTile / kV;
  PixelCursor cursor(input, grid, layer.in_channels);
  for (int left = grid.batch * grid.rows * grid.columns; left > 0; left -= kP) {
    const float* pixels[kP];
    for (int p = 0; p < kP; ++p) {
      // Past the end, the last pixel again: computed and not stored.
      pixels[p] = p < left ? cursor.get() : pixels[p - 1];
      if (p < left) {
        cursor.advance();
      }
    }
    conv_pixels_block<kV, kP>(layer, pixels, grid.row_stride, weights, weight_stride, channel, left, out);
    out += kP * layer.padded_out_channels;
  }
}

void conv_pixels(const PixelConv& layer, const float* input, const PixelGrid& grid, float* out) {
  for (int start = 0; start < layer.padded_out_channels; start += kMaxChannelBlock) {
    const int block = HWY_MIN(kMaxChannelBlock, layer.padded_out_channels - start);
    const float* weights = layer.weights.data() + std::ptrdiff_t{start} * layer.taps();
    constexpr int kHalf = kChannelBlock / kLanes;  // vectors in 16 channels
    constexpr int kWhole = HWY_MIN(4, 2 * kHalf);  // at most 4 vectors at once
    constexpr int kWholeChannels = kWhole * kLanes;
    if (block == kMaxChannelBlock) {
      for (int c = 0; c < block; c += kWholeChannels) {
        conv_pixels_channels<kWhole>(layer, input, grid, weights + c, block, start + c, out);
      }
    } else {
      constexpr int kPart = HWY_MIN(4, kHalf);
      for (int c = 0; c < block; c += kPart * kLanes) {
        conv_pixels_channels<kPart>(layer, input, grid, weights + c, block, start + c, out);
      }
    }
  }
}

void max_pool(const float* HWY_RESTRICT input, int in_rows, int in_columns, int in_channel_stride, int size,
              const PixelGrid& grid, int channels, float* HWY_RESTRICT out) {
  for (int n = 0; n < grid.batch; ++n) {
    for (int y = 0; y < grid.rows; ++y) {
      const int row_count = HWY_MIN(size, in_rows - 2 * y);
      for (int x = 0; x < grid.columns; ++x) {
        const int column_count = HWY_MIN(size, in_columns - 2 * x);
        const float* corner = input + n * grid.batch_stride + 2 * y * grid.row_stride + 2 * x * in_channel_stride;
        // The last vector may reach past `channels`; the next pixel, written later, overwrites that.
        for (int c = 0; c < channels; c += kLanes) {
          auto best = hn::LoadU(kFloats, corner + c);
          for (int dy = 0; dy < row_count; ++dy) {
            for (int dx = 0; dx < column_count; ++dx) {
              best = hn::Max(best, hn::LoadU(kFloats, corner + dy * grid.row_stride + dx * in_channel_stride + c));
            }
          }
          hn::StoreU(best, kFloats, out + c);
        }
        out += channels;
      }
    }
  }
}

Kernels make_table() {
  return {hwy::TargetName(HWY_TARGET),
          sum_rows,
          average_columns,
          split_columns,
          conv_pool_row,
          conv_row,
          find_columns,
          conv_pixels,
          max_pool};
}

#endif  // HWY_TARGET == HWY_SCALAR

}  // namespace
// NOLINTNEXTLINE(google-readability-namespace-comments)
}  // namespace HWY_NAMESPACE
}  // namespace facepipe::detect::kernels
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace facepipe::detect::kernels {

HWY_EXPORT(make_table);

Kernels highway_kernels() {
  return HWY_DYNAMIC_DISPATCH(make_table)();
}

std::vector<Kernels> all_highway_kernels() {
  std::vector<Kernels> tables;
  for (const std::int64_t target : hwy::SupportedAndGeneratedTargets()) {
    hwy::SetSupportedTargetsForTest(target);
    hwy::GetChosenTarget().Update(target);
    tables.push_back(HWY_DYNAMIC_DISPATCH(make_table)());
  }
  hwy::SetSupportedTargetsForTest(0);
  hwy::GetChosenTarget().DeInit();
  return tables;
}

}  // namespace facepipe::detect::kernels
#endif  // HWY_ONCE
