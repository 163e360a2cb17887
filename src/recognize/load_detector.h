// The detector of a model pack, of whatever kind.
#pragma once

#include <memory>

#include "base/result.h"
#include "detect/detector.h"
#include "model/model_pack.h"

namespace facepipe::recognize {

// The one place where they are registered: "mtcnn".
[[nodiscard]] const detect::DetectorKinds& detector_kinds();

// Of the kind that the pack names; kUnsupported names it, the errors of the kind.
[[nodiscard]] Result<std::unique_ptr<const detect::Detector>> load_detector(
    const model::ModelPack& pack, const detect::DetectorOptions& options = {},
    const detect::DetectorKinds& kinds = detector_kinds());

}  // namespace facepipe::recognize
