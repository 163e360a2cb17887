// The kernels on Google Highway's portable vectors: this file is compiled once for every vector width (foreach_target)
// and the widest that the CPU runs is chosen at run time. Tested against reference.cc, for every width, by
// kernels_test.cc.
#include "detect/mtcnn/kernels/kernels.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "detect/mtcnn/kernels/highway.cc"  // NOLINT(bugprone-suspicious-include)
#include "base/vector_targets.h"
// After vector_targets.h.
#include <hwy/foreach_target.h>
// After foreach_target.h.
#include <hwy/highway.h>

#include "base/each_vector_width.h"

#if HWY_TARGET != HWY_SCALAR
#include "detect/mtcnn/kernels/pixel_tiles_inl.h"
#include "detect/mtcnn/kernels/pixels_inl.h"
#include "detect/mtcnn/kernels/resample_inl.h"
#include "detect/mtcnn/kernels/rows_inl.h"
#endif

HWY_BEFORE_NAMESPACE();
namespace facepipe::detect::kernels {
namespace HWY_NAMESPACE {
namespace {

Kernels make_table() {
#if HWY_TARGET == HWY_SCALAR
  // No vectors at all (an x86 CPU older than SSSE3): the plain loops.
  return reference_kernels();
#else
  return {hwy::TargetName(HWY_TARGET),
          sum_rows,
          average_columns,
          split_columns,
          conv_pool_row,
          conv_rows,
          find_columns,
          conv_pixels,
          conv_3x3,
          max_pool};
#endif
}

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
  return of_each_vector_width(highway_kernels);
}

}  // namespace facepipe::detect::kernels
#endif  // HWY_ONCE
