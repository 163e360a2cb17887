// What every kind of network asks of the crops that it is given.
#pragma once

#include <span>

#include "base/result.h"
#include "image/image.h"
#include "model/preprocessing.h"

namespace facepipe::embed {

// kInvalidArgument unless the preprocessing makes inputs of `min_px` to `max_px` and every crop is one: the range or
// both sizes are named.
[[nodiscard]] Status check_input(std::span<const image::RgbView> crops, const model::Preprocessing& preprocessing,
                                 int min_px, int max_px);

}  // namespace facepipe::embed
