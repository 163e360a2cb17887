// RGB pixels to JPEG and PNG.
#pragma once

#include "base/bytes.h"
#include "base/result.h"
#include "image/image.h"

namespace facepipe::image {

enum class ChromaSampling { k444, k420 };

// Baseline JPEG, quality 1..100. kInvalidArgument for an empty view or a side past 65,500
// (libjpeg-turbo's limit).
[[nodiscard]] Result<Bytes> encode_jpeg(RgbView view, int quality, ChromaSampling sampling = ChromaSampling::k444);
enum class PngEffort {
  kSmall,  // the smallest file
  kFast,   // a tenth larger, in a fifth of the time
};

// 8-bit RGB PNG, lossless. kInvalidArgument for an empty view.
[[nodiscard]] Result<Bytes> encode_png(RgbView view, PngEffort effort = PngEffort::kSmall);

}  // namespace facepipe::image
