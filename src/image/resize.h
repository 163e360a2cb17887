// Resampling that reproduces Pillow's.
#pragma once

#include "image/image.h"

namespace facepipe::image {

// Image.resize((width, height), Image.BILINEAR) of Pillow: triangle filter, widened by the scale when shrinking, in
// 8-bit fixed point (PRECISION_BITS 22) with rounding after each of the two passes (horizontal first). Bit-exact.
// `source` not empty; width, height >= 1.
[[nodiscard]] RgbImage resize_bilinear(RgbView source, int width, int height);

}  // namespace facepipe::image
