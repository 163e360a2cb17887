// Loads what the two stages work with; every error names the file and the variable that it came from.
#pragma once

#include <filesystem>
#include <memory>

#include "base/result.h"
#include "config.h"
#include "detect/detector.h"
#include "stage/recognition/recognition_model.h"

namespace facepipe::lambda_app {

// FACEPIPE_PACK; else MODEL_PATH itself where that is a folder; else MODEL_PATH with the extension .pack
// (resnetV1.pack, which the image's build makes of resnetV1.pt); else the folder `pack` beside MODEL_PATH. kNotFound
// names all of them.
[[nodiscard]] Result<std::filesystem::path> find_pack(const Config& config);

[[nodiscard]] Result<std::unique_ptr<const detect::Detector>> load_detector(const Config& config);

[[nodiscard]] Result<stage::RecognitionModel> load_recognition_model(const Config& config);

}  // namespace facepipe::lambda_app
