// Area interpolation and the split of columns by parity.
#if defined(FACEPIPE_DETECT_KERNELS_RESAMPLE_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef FACEPIPE_DETECT_KERNELS_RESAMPLE_INL_H_
#undef FACEPIPE_DETECT_KERNELS_RESAMPLE_INL_H_
#else
#define FACEPIPE_DETECT_KERNELS_RESAMPLE_INL_H_
#endif

#include "detect/kernels/vectors_inl.h"

HWY_BEFORE_NAMESPACE();
namespace facepipe::detect::kernels {
namespace HWY_NAMESPACE {

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

// NOLINTNEXTLINE(google-readability-namespace-comments)
}  // namespace HWY_NAMESPACE
}  // namespace facepipe::detect::kernels
HWY_AFTER_NAMESPACE();

#endif  // include guard of each target
