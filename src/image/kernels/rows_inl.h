// Weighted and plain sums of rows. Included once for each vector width (highway.cc), as the other *_inl.h files.
#if defined(FACEPIPE_IMAGE_KERNELS_ROWS_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef FACEPIPE_IMAGE_KERNELS_ROWS_INL_H_
#undef FACEPIPE_IMAGE_KERNELS_ROWS_INL_H_
#else
#define FACEPIPE_IMAGE_KERNELS_ROWS_INL_H_
#endif

#include <hwy/highway.h>

#include <bit>
#include <cstddef>
#include <cstdint>

#include "image/kernels/kernels.h"

HWY_BEFORE_NAMESPACE();
namespace facepipe::image::kernels {
namespace HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

static_assert(std::endian::native == std::endian::little, "the first of two weights is the lower half of 32 bits");

// A sum of products of 16 bits, two of them to a lane; some CPUs keep the two apart until the end.
template <class D>
class PairSum {
 public:
  HWY_INLINE PairSum() : sum_(hn::Zero(D())), rest_(hn::Zero(D())) {}
  template <class V16>
  HWY_INLINE void add(V16 samples, V16 weights) {
    sum_ = hn::ReorderWidenMulAccumulate(D(), samples, weights, sum_, rest_);
  }
  HWY_INLINE hn::Vec<D> total() const { return hn::RearrangeToOddPlusEven(sum_, rest_); }

 private:
  hn::Vec<D> sum_;
  hn::Vec<D> rest_;
};

// One vector of a row. A lane of 32 bits holds four samples of a row; each is brought into a lane of its own together
// with the one below it, for one multiplication and addition of both.
template <class D8>
HWY_INLINE void blend_vector(D8 d8, const std::uint8_t* HWY_RESTRICT in, std::ptrdiff_t stride, const Window& window,
                             std::uint8_t* HWY_RESTRICT out) {
  const hn::Repartition<std::uint16_t, D8> u16;
  const hn::Repartition<std::uint32_t, D8> u32;
  const hn::RebindToSigned<decltype(u16)> d16;
  const hn::RebindToSigned<decltype(u32)> d32;
  PairSum<decltype(d32)> low[4];
  PairSum<decltype(d32)> high[4];
  const auto byte = hn::Set(u16, 0xFF);
  const WeightPair* pair = window.pairs;
  for (int k = 0; k < window.count; k += 2, ++pair) {
    const auto first = hn::BitCast(u16, hn::LoadU(d8, in));
    const auto second = hn::BitCast(u16, hn::LoadU(d8, k + 1 < window.count ? in + stride : in));
    in += 2 * stride;
    const auto evens = hn::OddEven(hn::BitCast(u16, hn::ShiftLeft<16>(hn::BitCast(u32, second))), first);
    const auto odds = hn::OddEven(second, hn::BitCast(u16, hn::ShiftRight<16>(hn::BitCast(u32, first))));
    const hn::Vec<decltype(u16)> samples[4] = {hn::And(evens, byte), hn::ShiftRight<8>(evens), hn::And(odds, byte),
                                               hn::ShiftRight<8>(odds)};
    const auto lows = hn::BitCast(d16, hn::Set(u32, pair->low));
    const auto highs = hn::BitCast(d16, hn::Set(u32, pair->high));
    HWY_UNROLL(4)
    for (int i = 0; i < 4; ++i) {
      low[i].add(hn::BitCast(d16, samples[i]), lows);
      high[i].add(hn::BitCast(d16, samples[i]), highs);
    }
  }
  const auto sum = [&](int i) HWY_ATTR {
    const auto total = hn::Add(hn::ShiftLeft<kLowBits>(high[i].total()), low[i].total());
    return hn::BitCast(u32, hn::Add(total, hn::Set(d32, kHalf)));
  };
  auto result = hn::ShiftRight<kWeightBits>(sum(0));
  result = hn::OrAnd(result, hn::ShiftRight<kWeightBits - 8>(sum(1)), hn::Set(u32, 0xFF00));
  result = hn::OrAnd(result, hn::ShiftRight<kWeightBits - 16>(sum(2)), hn::Set(u32, 0xFF0000));
  result = hn::OrAnd(result, hn::ShiftLeft<24 - kWeightBits>(sum(3)), hn::Set(u32, 0xFF000000));
  hn::StoreU(hn::BitCast(d8, result), d8, out);
}

// The last vector of a row begins earlier where the row is no multiple of vectors.
template <class D8>
HWY_INLINE void blend_row(D8 d8, const std::uint8_t* HWY_RESTRICT in, std::ptrdiff_t stride, const Window& window,
                          std::size_t bytes, std::uint8_t* HWY_RESTRICT out) {
  constexpr std::size_t kBytes = hn::MaxLanes(D8());
  for (std::size_t i = 0; i < bytes; i += kBytes) {
    const std::size_t at = HWY_MIN(i, bytes - kBytes);
    blend_vector(d8, in + at, stride, window, out + at);
  }
}

void blend_rows(const Blend& blend) {
  constexpr hn::ScalableTag<std::uint8_t> wide;
  constexpr hn::FixedTag<std::uint8_t, 16> narrow;
  // Each weight is rounded by at most a half: with no more of them than this no sum comes to 256.
  constexpr int kMostRows = 1 << (kWeightBits - 8);
  if (blend.bytes < hn::MaxLanes(narrow)) {
    reference_kernels().blend_rows(blend);
    return;
  }
  for (int y = 0; y < blend.rows; ++y) {
    const Window& window = blend.windows[y];
    const std::uint8_t* in = blend.in + std::ptrdiff_t{window.first - blend.first_row} * blend.in_stride;
    std::uint8_t* out = blend.out + y * blend.out_stride;
    if (window.count > kMostRows) {
      Blend one = blend;
      one.windows += y;
      one.rows = 1;
      one.out = out;
      reference_kernels().blend_rows(one);
    } else if (blend.bytes >= hn::MaxLanes(wide)) {
      blend_row(wide, in, blend.in_stride, window, blend.bytes, out);
    } else {
      blend_row(narrow, in, blend.in_stride, window, blend.bytes, out);
    }
  }
}

void sum_rows(const RowSums& rows) {
  constexpr hn::ScalableTag<float> d;
  constexpr hn::Rebind<std::int32_t, decltype(d)> d32;
  constexpr hn::Rebind<std::uint8_t, decltype(d)> d8;
  constexpr std::size_t kLanes = hn::MaxLanes(d);
  constexpr std::size_t kVectors = 8;  // at once, so that most of a cache line is read at a time
  constexpr std::size_t kBytes = kVectors * kLanes;
  if (rows.bytes < kBytes) {
    reference_kernels().sum_rows(rows);
    return;
  }
  for (std::size_t i = 0; i < rows.bytes; i += kBytes) {
    const std::size_t first = HWY_MIN(i, rows.bytes - kBytes);
    const auto values = [&](int row, std::size_t vector) HWY_ATTR {
      const std::uint8_t* in = rows.in + row * rows.in_stride + first + vector * kLanes;
      return hn::ConvertTo(d, hn::PromoteTo(d32, hn::LoadU(d8, in)));
    };
    hn::Vec<decltype(d)> sums[kVectors];
    HWY_UNROLL(8)
    for (std::size_t v = 0; v < kVectors; ++v) {
      sums[v] = hn::Mul(hn::Set(d, rows.before), values(0, v));
    }
    for (int row = rows.begin; row < rows.end; ++row) {
      HWY_UNROLL(8)
      for (std::size_t v = 0; v < kVectors; ++v) {
        sums[v] = hn::Add(sums[v], values(row, v));
      }
    }
    HWY_UNROLL(8)
    for (std::size_t v = 0; v < kVectors; ++v) {
      sums[v] = hn::Add(sums[v], hn::Mul(hn::Set(d, rows.after), values(rows.height - 1, v)));
      hn::StoreU(sums[v], d, rows.sums + first + v * kLanes);
    }
  }
}

// NOLINTNEXTLINE(google-readability-namespace-comments)
}  // namespace HWY_NAMESPACE
}  // namespace facepipe::image::kernels
HWY_AFTER_NAMESPACE();

#endif  // include guard of each target
