// The detector of a model pack.
#pragma once

#include "base/result.h"
#include "detect/detector.h"
#include "model/model_pack.h"

namespace facepipe::recognize {

// Errors of ModelPack::map (kMismatch for a damaged file, with both digests), of the tensor file's reader and of
// Detector::create; all name the file.
[[nodiscard]] Result<detect::Detector> load_detector(const model::ModelPack& pack,
                                                     const detect::DetectorOptions& options);

}  // namespace facepipe::recognize
