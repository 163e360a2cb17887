// Means of bilinear samples. A block of four lanes is a pixel's R, G, B and nothing; a vector holds as many pixels as
// it has blocks, so that each pixel's samples are added in their order. Gathers are left out: what they load is as many
// pieces, and CPUs on which they leak are slow at them.
#if defined(FACEPIPE_IMAGE_KERNELS_SAMPLES_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef FACEPIPE_IMAGE_KERNELS_SAMPLES_INL_H_
#undef FACEPIPE_IMAGE_KERNELS_SAMPLES_INL_H_
#else
#define FACEPIPE_IMAGE_KERNELS_SAMPLES_INL_H_
#endif

#include <hwy/highway.h>

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "image/kernels/kernels.h"

HWY_BEFORE_NAMESPACE();
namespace facepipe::image::kernels {
namespace HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

using SampleTag = hn::CappedTag<float, kRun>;
using SampleFloats = hn::Vec<SampleTag>;
constexpr SampleTag kSampleFloats;
constexpr int kSampleLanes = static_cast<int>(hn::MaxLanes(SampleTag()));
constexpr int kSamplePixels = kSampleLanes / 4;  // in a vector

// Where a sample lies: how far from `bytes` or `floats` its upper left cell begins, and how far from there it is.
struct Place {
  float offset_bits;  // of an int32
  float right;
  float below;
  float unused;

  [[nodiscard]] HWY_INLINE std::ptrdiff_t offset() const { return std::bit_cast<std::int32_t>(offset_bits); }
};
static_assert(sizeof(Place) == 4 * sizeof(float));

// The cells around a sample.
struct Corners {
  SampleFloats left;
  SampleFloats right_less_left;
  SampleFloats lower_left;
  SampleFloats lower_right_less_left;
};

// block(0), block(1), ... as one vector of kSamplePixels blocks.
template <class D, class Block>
HWY_INLINE hn::Vec<D> join_blocks(D d, const Block& block) {
  if constexpr (kSamplePixels == 1) {
    return block(0);
  } else if constexpr (kSamplePixels == 2) {
    return hn::Combine(d, block(1), block(0));
  } else {
    const hn::Half<D> half;
    return hn::Combine(d, hn::Combine(half, block(3), block(2)), hn::Combine(half, block(1), block(0)));
  }
}

struct ByteCells {
  static constexpr int kColumn = 3;
  const std::uint8_t* cells;
  std::ptrdiff_t stride;

  explicit HWY_INLINE ByteCells(const Sampling& sampling) : cells(sampling.bytes), stride(sampling.stride) {}

  HWY_INLINE Corners corners(const Place* places) const {
    constexpr hn::Repartition<std::uint8_t, SampleTag> d8;
    constexpr hn::Rebind<std::int32_t, SampleTag> d32;
    constexpr hn::FixedTag<std::uint8_t, 8> d_row;
    constexpr hn::FixedTag<std::uint8_t, 16> d_block;
    // Two cells of the upper row and two of the lower one, with two bytes after each.
    const auto quads = join_blocks(d8, [&](int i) HWY_ATTR {
      const std::uint8_t* upper = cells + places[i].offset();
      return hn::Combine(d_block, hn::LoadU(d_row, upper + stride), hn::LoadU(d_row, upper));
    });
    const auto cell = [&](const std::uint8_t* order) HWY_ATTR {
      return hn::BitCast(d32, hn::TableLookupBytesOr0(quads, hn::LoadDup128(d8, order)));
    };
    constexpr std::uint8_t kNone = 0x80;
    alignas(16) static constexpr std::uint8_t kOrders[4][16] = {
        {0, kNone, kNone, kNone, 1, kNone, kNone, kNone, 2, kNone, kNone, kNone, kNone, kNone, kNone, kNone},
        {3, kNone, kNone, kNone, 4, kNone, kNone, kNone, 5, kNone, kNone, kNone, kNone, kNone, kNone, kNone},
        {8, kNone, kNone, kNone, 9, kNone, kNone, kNone, 10, kNone, kNone, kNone, kNone, kNone, kNone, kNone},
        {11, kNone, kNone, kNone, 12, kNone, kNone, kNone, 13, kNone, kNone, kNone, kNone, kNone, kNone, kNone}};
    const auto left = cell(kOrders[0]);
    const auto lower_left = cell(kOrders[2]);
    return {hn::ConvertTo(kSampleFloats, left), hn::ConvertTo(kSampleFloats, hn::Sub(cell(kOrders[1]), left)),
            hn::ConvertTo(kSampleFloats, lower_left),
            hn::ConvertTo(kSampleFloats, hn::Sub(cell(kOrders[3]), lower_left))};
  }
};

struct FloatCells {
  static constexpr int kColumn = 1;
  const float* cells;
  std::ptrdiff_t stride;

  explicit HWY_INLINE FloatCells(const Sampling& sampling)
      : cells(sampling.floats), stride(std::ptrdiff_t{4} * sampling.stride) {}

  HWY_INLINE Corners corners(const Place* places) const {
    const auto cell = [&](std::ptrdiff_t further) HWY_ATTR {
      return join_blocks(kSampleFloats, [&](int i) HWY_ATTR {
        return hn::LoadU(hn::FixedTag<float, 4>(), cells + 4 * places[i].offset() + further);
      });
    };
    const auto left = cell(0);
    const auto lower_left = cell(stride);
    return {left, hn::Sub(cell(4), left), lower_left, hn::Sub(cell(stride + 4), lower_left)};
  }
};

// The places of one sample of each pixel.
HWY_INLINE void find_places(const Sampling& sampling, const Offset& offset, int column_size, Place* places) {
  constexpr hn::Rebind<std::int32_t, SampleTag> d32;
  for (int pixel = 0; pixel < kRun; pixel += kSampleLanes) {
    const auto x =
        hn::Add(hn::LoadU(kSampleFloats, sampling.across.data() + pixel), hn::Set(kSampleFloats, offset.right));
    const auto y =
        hn::Add(hn::LoadU(kSampleFloats, sampling.down.data() + pixel), hn::Set(kSampleFloats, offset.below));
    const auto column = hn::ConvertTo(d32, x);
    const auto row = hn::ConvertTo(d32, y);
    const auto at = hn::Add(hn::Mul(hn::Sub(row, hn::Set(d32, sampling.first_row)), hn::Set(d32, sampling.stride)),
                            hn::Mul(hn::Sub(column, hn::Set(d32, sampling.first_column)), hn::Set(d32, column_size)));
    const auto right = hn::Sub(x, hn::ConvertTo(kSampleFloats, column));
    const auto below = hn::Sub(y, hn::ConvertTo(kSampleFloats, row));
    hn::StoreInterleaved4(hn::BitCast(kSampleFloats, at), right, below, below, kSampleFloats,
                          reinterpret_cast<float*>(places + pixel));
  }
}

template <class Cells>
HWY_INLINE void sample_cells(const Sampling& sampling) {
  const Cells cells(sampling);
  constexpr hn::Rebind<std::int32_t, SampleTag> d32;
  constexpr hn::Rebind<std::uint8_t, SampleTag> d8;
  alignas(64) Place places[kMostSamples * kRun];
  for (int i = 0; i < sampling.samples; ++i) {
    find_places(sampling, sampling.offsets[i], Cells::kColumn, places + i * kRun);
  }
  const auto share = hn::Set(kSampleFloats, 1 / static_cast<float>(sampling.samples));
  alignas(64) std::uint8_t values[4 * kRun];
  for (int pixel = 0; pixel < sampling.pixels; pixel += kSamplePixels) {
    auto sum = hn::Zero(kSampleFloats);
    for (int i = 0; i < sampling.samples; ++i) {
      const Place* place = places + i * kRun + pixel;
      const auto between = hn::LoadU(kSampleFloats, reinterpret_cast<const float*>(place));
      const auto right = hn::Broadcast<1>(between);
      const auto below = hn::Broadcast<2>(between);
      const Corners corners = cells.corners(place);
      const auto above = hn::Add(corners.left, hn::Mul(right, corners.right_less_left));
      const auto under = hn::Add(corners.lower_left, hn::Mul(right, corners.lower_right_less_left));
      sum = hn::Add(sum, hn::Add(above, hn::Mul(below, hn::Sub(under, above))));
    }
    const auto rounded = hn::ConvertTo(d32, hn::Add(hn::Mul(sum, share), hn::Set(kSampleFloats, 0.5F)));
    hn::StoreU(hn::DemoteTo(d8, rounded), d8, values + 4 * pixel);
  }
  for (int pixel = 0; pixel < sampling.pixels; ++pixel) {
    std::memcpy(sampling.out + 3 * pixel, values + 4 * pixel, 3);
  }
}

void sample_bytes(const Sampling& sampling) {
  sample_cells<ByteCells>(sampling);
}

void sample_floats(const Sampling& sampling) {
  sample_cells<FloatCells>(sampling);
}

// NOLINTNEXTLINE(google-readability-namespace-comments)
}  // namespace HWY_NAMESPACE
}  // namespace facepipe::image::kernels
HWY_AFTER_NAMESPACE();

#endif  // include guard of each target
