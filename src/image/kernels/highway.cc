// The kernels on Google Highway's portable vectors: this file is compiled once for every vector width (foreach_target)
// and the widest that the CPU runs is chosen at run time. Tested, for every width, by kernels_test.cc.
#include "image/kernels/kernels.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "image/kernels/highway.cc"  // NOLINT(bugprone-suspicious-include)
#include "base/vector_targets.h"
// After vector_targets.h.
#include <hwy/foreach_target.h>
// After foreach_target.h.
#include <hwy/highway.h>

#include "base/each_vector_width.h"

#if HWY_TARGET != HWY_SCALAR
#include "image/kernels/rows_inl.h"
#include "image/kernels/samples_inl.h"
#include "image/kernels/transpose_inl.h"
#endif

HWY_BEFORE_NAMESPACE();
namespace facepipe::image::kernels {
namespace HWY_NAMESPACE {
namespace {

Kernels make_table() {
#if HWY_TARGET == HWY_SCALAR
  // No vectors at all (an x86 CPU older than SSSE3): the plain loops.
  return reference_kernels();
#else
  return {hwy::TargetName(HWY_TARGET), blend_rows, transpose, sum_rows, sample_bytes, sample_floats};
#endif
}

}  // namespace
// NOLINTNEXTLINE(google-readability-namespace-comments)
}  // namespace HWY_NAMESPACE
}  // namespace facepipe::image::kernels
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace facepipe::image::kernels {

HWY_EXPORT(make_table);

Kernels highway_kernels() {
  return HWY_DYNAMIC_DISPATCH(make_table)();
}

std::vector<Kernels> all_highway_kernels() {
  return of_each_vector_width(highway_kernels);
}

}  // namespace facepipe::image::kernels
#endif  // HWY_ONCE
