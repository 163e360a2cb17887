// Area interpolation and the split of columns by parity.
#if defined(FACEPIPE_DETECT_KERNELS_RESAMPLE_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef FACEPIPE_DETECT_KERNELS_RESAMPLE_INL_H_
#undef FACEPIPE_DETECT_KERNELS_RESAMPLE_INL_H_
#else
#define FACEPIPE_DETECT_KERNELS_RESAMPLE_INL_H_
#endif

#include "detect/mtcnn/kernels/vectors_inl.h"

HWY_BEFORE_NAMESPACE();
namespace facepipe::detect::kernels {
namespace HWY_NAMESPACE {

// Sums kGroups neighbouring vectors of 8-bit columns over `rows` rows. Several at once, because a row's bytes should be
// read a whole cache line at a time: many rows one vector at a time are more streams than a CPU follows.
template <int kGroups, class D16>
HWY_INLINE void sum_column_vectors(D16 d16, const std::uint8_t* HWY_RESTRICT source, std::ptrdiff_t stride_bytes,
                                   int rows, std::uint32_t* HWY_RESTRICT sums) {
  const hn::Rebind<std::uint8_t, D16> d8;
  const hn::RepartitionToWide<D16> d32;
  const hn::Half<D16> half16;
  constexpr int kLanes16 = static_cast<int>(hn::MaxLanes(D16()));
  constexpr int kMaxRows16 = 257;  // 257 * 255 fits 16 bits
  for (int done = 0; done < rows;) {
    const int count = HWY_MIN(rows - done, kMaxRows16);
    hn::Vec<D16> totals[kGroups];
    HWY_UNROLL(24)
    for (int g = 0; g < kGroups; ++g) {
      totals[g] = hn::PromoteTo(d16, hn::LoadU(d8, source + g * kLanes16));
    }
    source += stride_bytes;
    for (int y = 1; y < count; ++y) {
      HWY_UNROLL(24)
      for (int g = 0; g < kGroups; ++g) {
        totals[g] = hn::Add(totals[g], hn::PromoteTo(d16, hn::LoadU(d8, source + g * kLanes16)));
      }
      source += stride_bytes;
    }
    HWY_UNROLL(24)
    for (int g = 0; g < kGroups; ++g) {
      std::uint32_t* HWY_RESTRICT to = sums + g * kLanes16;
      auto low = hn::PromoteTo(d32, hn::LowerHalf(totals[g]));
      auto high = hn::PromoteTo(d32, hn::UpperHalf(half16, totals[g]));
      if (done > 0) {
        low = hn::Add(low, hn::LoadU(d32, to));
        high = hn::Add(high, hn::LoadU(d32, to + kLanes16 / 2));
      }
      hn::StoreU(low, d32, to);
      hn::StoreU(high, d32, to + kLanes16 / 2);
    }
    done += count;
  }
}

void sum_rows(const std::uint8_t* HWY_RESTRICT first_row, std::ptrdiff_t stride_bytes, int rows, int count,
              std::uint32_t* HWY_RESTRICT sums) {
  constexpr hn::CappedTag<std::uint16_t, 2 * kMaxLanes> d16;
  constexpr int kStep = static_cast<int>(hn::MaxLanes(d16));
  constexpr int kGroups = 4;
  int i = 0;
  for (; i + kGroups * kStep <= count; i += kGroups * kStep) {
    sum_column_vectors<kGroups>(d16, first_row + i, stride_bytes, rows, sums + i);
  }
  for (; i + kStep <= count; i += kStep) {
    sum_column_vectors<1>(d16, first_row + i, stride_bytes, rows, sums + i);
  }
  for (; i < count; ++i) {
    std::uint32_t sum = 0;
    for (int y = 0; y < rows; ++y) {
      sum += first_row[y * stride_bytes + i];
    }
    sums[i] = sum;
  }
}

// A pixel is a vector of four: its three channels and one value of the next pixel, which nobody reads. A window has
// `narrowest` columns or one more; that one is added under a mask, because a branch would be mispredicted.
void average_columns(const std::uint32_t* HWY_RESTRICT sums, int in_columns, const Window* HWY_RESTRICT windows,
                     int columns, int rows, int pixel_stride, float* HWY_RESTRICT out) {
  constexpr hn::FixedTag<std::uint32_t, 4> d_sum;
  constexpr hn::FixedTag<std::int32_t, 4> d_int;
  constexpr hn::FixedTag<float, 4> d_out;
  constexpr std::uint32_t kMasks[2] = {0, ~std::uint32_t{0}};
  const int narrowest = (in_columns + columns - 1) / columns;
  const auto pixels = [&](int width) { return static_cast<float>(rows) * static_cast<float>(width); };
  const float scales[2] = {0.0078125F / pixels(narrowest), 0.0078125F / pixels(narrowest + 1)};
  const auto middle = hn::Set(d_out, -127.5F * 0.0078125F);
  for (int x = 0; x < columns; ++x) {
    const std::uint32_t* HWY_RESTRICT source = sums + 3 * windows[x].begin;
    const int extra = windows[x].end - windows[x].begin - narrowest;  // 0 or 1
    auto sum = hn::LoadU(d_sum, source);
    for (int i = 1; i < narrowest; ++i) {
      sum = hn::Add(sum, hn::LoadU(d_sum, source + 3 * i));
    }
    sum = hn::Add(sum, hn::And(hn::LoadU(d_sum, source + 3 * narrowest), hn::Set(d_sum, kMasks[extra])));
    const auto total = hn::ConvertTo(d_out, hn::BitCast(d_int, sum));
    hn::StoreU(hn::MulAdd(total, hn::Set(d_out, scales[extra]), middle), d_out, out);
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
