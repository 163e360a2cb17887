// Winograd's transforms in one dimension, of F(3,3) and F(4,3); applied along both axes they are those of the tiles.
// The matrices are in winograd.h.
#if defined(FACEPIPE_DETECT_KERNELS_TILES_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef FACEPIPE_DETECT_KERNELS_TILES_INL_H_
#undef FACEPIPE_DETECT_KERNELS_TILES_INL_H_
#else
#define FACEPIPE_DETECT_KERNELS_TILES_INL_H_
#endif

#include "detect/mtcnn/kernels/vectors_inl.h"

HWY_BEFORE_NAMESPACE();
namespace facepipe::detect::kernels {
namespace HWY_NAMESPACE {

// B transposed times a line of kSide + 2 inputs: as many components.
template <int kSide>
HWY_INLINE void tile_in_line(const Floats* HWY_RESTRICT d, Floats* HWY_RESTRICT t) {
  static_assert(kSide == 3 || kSide == 4);
  if constexpr (kSide == 3) {
    const auto two = hn::Set(kFloats, 2.0F);
    const auto d32 = hn::Sub(d[3], d[2]);
    const auto d31 = hn::Sub(d[3], d[1]);
    t[0] = hn::MulAdd(two, hn::Sub(d[0], d[2]), d31);
    t[1] = hn::NegMulAdd(two, d[1], d32);
    t[2] = hn::MulAdd(two, hn::Sub(d[1], d[2]), d32);
    t[3] = d31;
    t[4] = hn::NegMulAdd(two, d31, hn::Sub(d[4], d[2]));
  } else {
    const auto two = hn::Set(kFloats, 2.0F);
    const auto four = hn::Set(kFloats, 4.0F);
    const auto five = hn::Set(kFloats, 5.0F);
    const auto d42 = hn::NegMulAdd(four, d[2], d[4]);
    const auto d31 = hn::NegMulAdd(four, d[1], d[3]);
    const auto e42 = hn::Sub(d[4], d[2]);
    const auto e31 = hn::Mul(two, hn::Sub(d[3], d[1]));
    t[0] = hn::MulAdd(four, d[0], hn::NegMulAdd(five, d[2], d[4]));
    t[1] = hn::Add(d42, d31);
    t[2] = hn::Sub(d42, d31);
    t[3] = hn::Add(e42, e31);
    t[4] = hn::Sub(e42, e31);
    t[5] = hn::MulAdd(four, d[1], hn::NegMulAdd(five, d[3], d[5]));
  }
}

// A transposed times a line of kSide + 2 products: kSide outputs.
template <int kSide>
HWY_INLINE void tile_out_line(const Floats* HWY_RESTRICT m, Floats* HWY_RESTRICT y) {
  static_assert(kSide == 3 || kSide == 4);
  if constexpr (kSide == 3) {
    const auto sum = hn::Add(m[1], m[2]);
    y[0] = hn::Add(hn::Add(m[0], m[3]), sum);
    y[1] = hn::MulAdd(hn::Set(kFloats, 2.0F), m[3], hn::Sub(m[1], m[2]));
    y[2] = hn::MulAdd(hn::Set(kFloats, 4.0F), m[3], hn::Add(sum, m[4]));
  } else {
    const auto p12 = hn::Add(m[1], m[2]);
    const auto d12 = hn::Sub(m[1], m[2]);
    const auto p34 = hn::Add(m[3], m[4]);
    const auto d34 = hn::Sub(m[3], m[4]);
    y[0] = hn::Add(hn::Add(m[0], p12), p34);
    y[1] = hn::MulAdd(hn::Set(kFloats, 2.0F), d34, d12);
    y[2] = hn::MulAdd(hn::Set(kFloats, 4.0F), p34, p12);
    y[3] = hn::Add(hn::MulAdd(hn::Set(kFloats, 8.0F), d34, d12), m[5]);
  }
}

// NOLINTNEXTLINE(google-readability-namespace-comments)
}  // namespace HWY_NAMESPACE
}  // namespace facepipe::detect::kernels
HWY_AFTER_NAMESPACE();

#endif  // include guard of each target
