// From a detected box to the square uint8 crop that the network's preprocessing wants.
#pragma once

#include "image/image.h"
#include "model/preprocessing.h"

namespace facepipe::embed {

// The rectangle that facenet-pytorch's extract_face cuts out of a picture of width x height for `box`: the margin grown
// by box size / (input - margin), all in double as the reference computes, truncated to whole pixels, clipped to the
// picture (docs/numerics.md E4). Empty ({}) for a box that leaves no whole pixel, is not finite, or lies outside, and
// for a margin that is not below the input; the reference raises or returns nonsense for those.
[[nodiscard]] image::Rect crop_rect(const image::Box& box, int width, int height,
                                    const model::Preprocessing& preprocessing);

// [input,input,3] crop: crop_rect, resized by image::resize_bilinear, then min-max stretched if the mode says so. An
// empty rectangle gives an empty image.
[[nodiscard]] image::RgbImage make_crop(image::RgbView picture, const image::Box& box,
                                        const model::Preprocessing& preprocessing);

// The stretch alone, in place, over all channels together: ((x-127.5)/128 - min) / max * 255 in the Python pipeline's
// float32, truncated to uint8. A flat crop becomes 0 (the original divides 0 by 0 there).
void min_max_stretch(image::RgbImage& crop);

}  // namespace facepipe::embed
