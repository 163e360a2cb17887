// EXIF orientation: reading it, and turning pixels upright.
#pragma once

#include "base/bytes.h"
#include "image/decode.h"
#include "image/image.h"

namespace facepipe::image {

// The orientation (1..8) that the file's EXIF block states: JPEG APP1, PNG eXIf, WebP EXIF; the first block counts.
// 1 if there is none or it is malformed. Reads chunk headers and the block alone; any bytes are safe.
[[nodiscard]] int exif_orientation(ImageFormat format, ByteView encoded);

// Upright pixels of a picture stored with `orientation`: 1 as it is, 2 mirrored, 3 turned by 180 degrees, 4 flipped
// top to bottom, 5..8 with sides swapped (EXIF 2.32, tag 0x0112). Any other value counts as 1.
[[nodiscard]] RgbImage apply_orientation(RgbImage stored, int orientation);

}  // namespace facepipe::image
