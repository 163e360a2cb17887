// What the kernels share: the vector type, the size of a tile, the end of a layer. Included once for each vector width
// (highway.cc), as the other *_inl.h files.
#if defined(FACEPIPE_EMBED_LAYERS_VECTORS_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef FACEPIPE_EMBED_LAYERS_VECTORS_INL_H_
#undef FACEPIPE_EMBED_LAYERS_VECTORS_INL_H_
#else
#define FACEPIPE_EMBED_LAYERS_VECTORS_INL_H_
#endif

#include <hwy/highway.h>

#include <cstddef>

#include "embed/layers/kernels/kernels.h"

HWY_BEFORE_NAMESPACE();
namespace facepipe::embed::layers {
namespace HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

using FloatTag = hn::CappedTag<float, kPanel>;
using Floats = hn::Vec<FloatTag>;
constexpr FloatTag kFloats;
constexpr int kLanes = static_cast<int>(hn::MaxLanes(FloatTag()));
#if HWY_ARCH_ARM_A64 || HWY_TARGET <= HWY_AVX3
constexpr int kTile = 24;  // sums held in registers
constexpr int kWide = 4;   // vectors of columns among them
#else
constexpr int kTile = 12;
constexpr int kWide = 2;
#endif

// z + factor * max(z, 0), or z.
class Activation {
 public:
  HWY_INLINE Activation(const float* factors, int channel)
      : factors_(factors == nullptr ? hn::Zero(kFloats) : hn::LoadU(kFloats, factors + channel)) {}
  HWY_INLINE Floats operator()(Floats value) const {
    return hn::MulAdd(factors_, hn::Max(value, hn::Zero(kFloats)), value);
  }

 private:
  Floats factors_;
};

// NOLINTNEXTLINE(google-readability-namespace-comments)
}  // namespace HWY_NAMESPACE
}  // namespace facepipe::embed::layers
HWY_AFTER_NAMESPACE();

#endif
