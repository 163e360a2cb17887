// Bytes of rows to bytes of columns.
#if defined(FACEPIPE_IMAGE_KERNELS_TRANSPOSE_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef FACEPIPE_IMAGE_KERNELS_TRANSPOSE_INL_H_
#undef FACEPIPE_IMAGE_KERNELS_TRANSPOSE_INL_H_
#else
#define FACEPIPE_IMAGE_KERNELS_TRANSPOSE_INL_H_
#endif

#include <hwy/cache_control.h>
#include <hwy/highway.h>

#include <cstddef>
#include <cstdint>

#include "image/kernels/kernels.h"

HWY_BEFORE_NAMESPACE();
namespace facepipe::image::kernels {
namespace HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

constexpr std::ptrdiff_t kBlock = 16;
constexpr std::ptrdiff_t kAhead = 128;  // bytes: more rows are read than the CPU foresees by itself

// The first block of `blocks` to `out`, each further one `distance` behind.
template <class D>
HWY_INLINE void store_blocks(D d, hn::Vec<D> blocks, std::uint8_t* HWY_RESTRICT out, std::ptrdiff_t distance) {
  if constexpr (hn::MaxLanes(D()) == kBlock) {
    hn::StoreU(blocks, d, out);
  } else {
    constexpr hn::Half<D> half;
    constexpr std::ptrdiff_t kBlocks = hn::MaxLanes(half) / kBlock;
    store_blocks(half, hn::LowerHalf(half, blocks), out, distance);
    store_blocks(half, hn::UpperHalf(half, blocks), out + kBlocks * distance, distance);
  }
}

// 16 rows of one vector, which is blocks of 16 x 16 bytes side by side. Interleaving row i with row i + 8, for all i <
// 8, moves the uppermost bit of a byte's place in its block to the lowest; four times so swap row and column.
template <class D>
HWY_INLINE void transpose_vectors(D d, const std::uint8_t* HWY_RESTRICT in, std::ptrdiff_t in_stride,
                                  std::uint8_t* HWY_RESTRICT out, std::ptrdiff_t out_stride) {
  hn::Vec<D> rows[kBlock];
  hn::Vec<D> mixed[kBlock];
  HWY_UNROLL(16)
  for (std::ptrdiff_t i = 0; i < kBlock; ++i, in += in_stride) {
    rows[i] = hn::LoadU(d, in);
    hwy::Prefetch(in + kAhead);
  }
  const auto interleave = [&](const hn::Vec<D>* from, hn::Vec<D>* to) HWY_ATTR {
    HWY_UNROLL(8)
    for (std::ptrdiff_t i = 0; i < kBlock / 2; ++i) {
      to[2 * i] = hn::InterleaveLower(d, from[i], from[i + kBlock / 2]);
      to[2 * i + 1] = hn::InterleaveUpper(d, from[i], from[i + kBlock / 2]);
    }
  };
  interleave(rows, mixed);
  interleave(mixed, rows);
  interleave(rows, mixed);
  interleave(mixed, rows);
  HWY_UNROLL(16)
  for (std::ptrdiff_t i = 0; i < kBlock; ++i, out += out_stride) {
    store_blocks(d, rows[i], out, kBlock * out_stride);
  }
}

// The last vectors begin earlier where rows or columns are no multiple of theirs.
template <class D>
HWY_INLINE void transpose_all(D d, const Transposition& all) {
  constexpr std::ptrdiff_t kColumns = hn::MaxLanes(D());
  for (std::ptrdiff_t c = 0; c < all.columns; c += kColumns) {
    const std::ptrdiff_t column = HWY_MIN(c, all.columns - kColumns);
    for (std::ptrdiff_t r = 0; r < all.rows; r += kBlock) {
      const std::ptrdiff_t row = HWY_MIN(r, all.rows - kBlock);
      transpose_vectors(d, all.in + row * all.in_stride + column, all.in_stride,
                        all.out + column * all.out_stride + row, all.out_stride);
    }
  }
}

void transpose(const Transposition& transposition) {
  constexpr hn::ScalableTag<std::uint8_t> wide;
  constexpr hn::FixedTag<std::uint8_t, kBlock> narrow;
  constexpr std::ptrdiff_t kWide = hn::MaxLanes(wide);
  if (transposition.rows < kBlock || transposition.columns < kBlock) {
    reference_kernels().transpose(transposition);
  } else if (transposition.columns < kWide) {
    transpose_all(narrow, transposition);
  } else {
    transpose_all(wide, transposition);
  }
}

// NOLINTNEXTLINE(google-readability-namespace-comments)
}  // namespace HWY_NAMESPACE
}  // namespace facepipe::image::kernels
HWY_AFTER_NAMESPACE();

#endif  // include guard of each target
