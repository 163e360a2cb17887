// From a detected box to the square uint8 crop that the network's preprocessing wants.
#pragma once

#include "image/image.h"
#include "nn/preprocessing.h"

namespace facepipe::embed {

// The rectangle that facenet-pytorch's extract_face cuts out of a picture of width x height for `box`: the margin grown
// by box size / (input - margin), truncated to whole pixels, clipped to the picture. May be empty for a degenerate box.
[[nodiscard]] image::Rect crop_rect(const image::Box& box, int width, int height,
                                    const nn::Preprocessing& preprocessing);

// [input,input,3] crop: crop_rect, resized by image::resize_bilinear, then min-max stretched if the mode says so (the
// original's float steps, floored). An empty rectangle gives an empty image.
[[nodiscard]] image::RgbImage make_crop(image::RgbView picture, const image::Box& box,
                                        const nn::Preprocessing& preprocessing);

// The stretch alone, in place: ((x-127.5)/128 - min) / max * 255 in float32, truncated to uint8. A flat crop becomes 0.
void min_max_stretch(image::RgbImage& crop);

}  // namespace facepipe::embed
