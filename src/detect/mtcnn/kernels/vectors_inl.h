// What the Highway kernels share: the vector type and the sizes of the register tiles. Included once for each vector
// width (highway.cc), as the other *_inl.h files.
#if defined(FACEPIPE_DETECT_KERNELS_VECTORS_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef FACEPIPE_DETECT_KERNELS_VECTORS_INL_H_
#undef FACEPIPE_DETECT_KERNELS_VECTORS_INL_H_
#else
#define FACEPIPE_DETECT_KERNELS_VECTORS_INL_H_
#endif

#include <hwy/highway.h>

#include "detect/mtcnn/kernels/kernels.h"

HWY_BEFORE_NAMESPACE();
namespace facepipe::detect::kernels {
namespace HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

using FloatTag = hn::CappedTag<float, kMaxLanes>;
using Floats = hn::Vec<FloatTag>;
constexpr FloatTag kFloats;
constexpr int kLanes = static_cast<int>(hn::MaxLanes(FloatTag()));
#if HWY_ARCH_ARM_A64 || HWY_TARGET <= HWY_AVX3
constexpr int kTile = 24;           // sums held in registers
constexpr int kRowVectors = 3;      // vectors of columns among them
constexpr int kPixelVectors = 4;    // vectors of out channels among them
constexpr int kProductVectors = 4;  // the same, of a tile's products
#else
constexpr int kTile = 12;
constexpr int kRowVectors = 3;
constexpr int kPixelVectors = 2;
constexpr int kProductVectors = 4;
#endif

// Vectors of out channels at once in a whole block of kMaxChannelBlock, and in one of kChannelBlock.
constexpr int whole_vectors(int wanted) {
  return HWY_MIN(wanted, kMaxChannelBlock / kLanes);
}
constexpr int part_vectors(int wanted) {
  return HWY_MIN(wanted, kChannelBlock / kLanes);
}

HWY_INLINE Floats prelu(Floats value, Floats slope) {
  const auto zero = hn::Zero(kFloats);
  return hn::MulAdd(hn::Min(value, zero), slope, hn::Max(value, zero));
}

// sums[p][v] += value(p) * vector v of the weights, for kP pixels or tiles. Of the two factors the fewer are held in
// registers: the sums fill the rest.
template <int kP, int kV, class Value>
HWY_INLINE void add_products(const Value& value, const float* HWY_RESTRICT weights, Floats (*HWY_RESTRICT sums)[kV]) {
  if constexpr (kP < kV) {
    Floats values[kP];
    HWY_UNROLL(24)
    for (int p = 0; p < kP; ++p) {
      values[p] = hn::Set(kFloats, value(p));
    }
    HWY_UNROLL(24)
    for (int v = 0; v < kV; ++v) {
      const auto weight = hn::LoadU(kFloats, weights + v * kLanes);
      HWY_UNROLL(24)
      for (int p = 0; p < kP; ++p) {
        sums[p][v] = hn::MulAdd(values[p], weight, sums[p][v]);
      }
    }
  } else {
    Floats weight[kV];
    HWY_UNROLL(24)
    for (int v = 0; v < kV; ++v) {
      weight[v] = hn::LoadU(kFloats, weights + v * kLanes);
    }
    HWY_UNROLL(24)
    for (int p = 0; p < kP; ++p) {
      const auto factor = hn::Set(kFloats, value(p));
      HWY_UNROLL(24)
      for (int v = 0; v < kV; ++v) {
        sums[p][v] = hn::MulAdd(factor, weight[v], sums[p][v]);
      }
    }
  }
}

// NOLINTNEXTLINE(google-readability-namespace-comments)
}  // namespace HWY_NAMESPACE
}  // namespace facepipe::detect::kernels
HWY_AFTER_NAMESPACE();

#endif  // include guard of each target
