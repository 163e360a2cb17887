// Photographs to the crops that an int8 pack is calibrated with.
#pragma once

#include <filesystem>
#include <span>
#include <vector>

#include "base/result.h"
#include "image/decode.h"
#include "image/image.h"
#include "model/preprocessing.h"

namespace facepipe::app {

// The largest face of every photograph among `inputs` (files, and folders walked to the bottom) that has one, cut out
// as the network will see it. `mtcnn`: the folder of facenet-pytorch's pnet.pt, rnet.pt and onet.pt. kNotFound if there
// is no photograph or no face in any; what cannot be decoded is an error that names the file.
[[nodiscard]] Result<std::vector<image::RgbImage>> calibration_crops(std::span<const std::filesystem::path> inputs,
                                                                     const std::filesystem::path& mtcnn,
                                                                     const model::Preprocessing& preprocessing,
                                                                     const image::DecodeOptions& decode);

}  // namespace facepipe::app
