// From a uint8 crop to the network's float input.
#pragma once

#include <span>

#include "image/image.h"
#include "model/preprocessing.h"

namespace facepipe::embed {

// [H,W,3] uint8 RGB -> [3,H,W] float32 into `planes`, which has exactly that many values: normalised, in the colour
// order of `preprocessing`. Whitening takes the mean and the population standard deviation over all values of the crop;
// the deviation is at least 1/sqrt(count), so that a flat crop becomes 0. Thread-safe.
void normalise(image::RgbView crop, const model::Preprocessing& preprocessing, std::span<float> planes);

}  // namespace facepipe::embed
