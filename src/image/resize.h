// Resampling that reproduces Pillow's.
#pragma once

#include "image/image.h"

namespace facepipe::image {

// Image.resize((width, height), Image.BILINEAR) of Pillow 13: triangle filter, widened by the scale when shrinking, in
// 8-bit fixed point (PRECISION_BITS 22) with rounding after each of the two passes. Bit-exact. Earlier releases of
// Pillow differ by at most one level where the height shrinks much more than the width (docs/formats/images.md).
// `source` not empty; width, height in 1..65,535. Thread-safe.
[[nodiscard]] RgbImage resize_bilinear(RgbView source, int width, int height);

}  // namespace facepipe::image
