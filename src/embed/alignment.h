// From a face in a picture to the network's input: the step between detection and embedding that a preprocessing names.
#pragma once

#include <functional>
#include <optional>

#include "base/result.h"
#include "image/image.h"
#include "model/kinds.h"
#include "model/preprocessing.h"

namespace facepipe::embed {

// -> [input,input,3], stretched if the mode says so. `box` and `landmarks` are in pixels of `picture`, and `box` has a
// whole pixel in it. Landmarks are absent where the face's detector told none. kInvalidData says what a face lacks.
// Thread-safe.
using Align = std::function<Result<image::RgbImage>(image::RgbView picture, const image::Box& box,
                                                    const std::optional<image::Landmarks>& landmarks,
                                                    const model::Preprocessing& preprocessing)>;
using AlignmentKinds = model::Kinds<Align>;

// The one place where they are registered. "box": make_crop (crop.h); "landmarks": align_by_landmarks (landmarks.h).
[[nodiscard]] const AlignmentKinds& alignment_kinds();

}  // namespace facepipe::embed
