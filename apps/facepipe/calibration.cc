// Tested by tests/e2e/test_model.py.
#include "calibration.h"

#include <string>
#include <utility>

#include "base/file.h"
#include "command.h"
#include "detect/mtcnn/mtcnn.h"
#include "packs/source_file.h"
#include "progress.h"
#include "recognize/probe.h"

namespace facepipe::app {
namespace {

Result<std::unique_ptr<const detect::Detector>> make_detector(const std::filesystem::path& mtcnn) {
  FACEPIPE_ASSIGN(const packs::DetectorWeights weights,
                  packs::read_detector(mtcnn / "pnet.pt", mtcnn / "rnet.pt", mtcnn / "onet.pt"));
  return detect::make_mtcnn(weights.tensors);
}

}  // namespace

Result<std::vector<image::RgbImage>> calibration_crops(std::span<const std::filesystem::path> inputs,
                                                       const std::filesystem::path& mtcnn,
                                                       const model::Preprocessing& preprocessing,
                                                       const image::DecodeOptions& decode) {
  FACEPIPE_ASSIGN(const auto detector, make_detector(mtcnn));
  FACEPIPE_ASSIGN(const std::vector<client::FrameFile> files, pictures_of(inputs));
  std::vector<image::RgbImage> crops;
  ProgressBar progress("photographs", files.size());
  for (std::size_t i = 0; i < files.size(); ++i) {
    FACEPIPE_ASSIGN(const Bytes encoded, read_file(files[i].path, decode.limits.max_bytes));
    auto picture = image::decode_image(encoded, decode);
    if (!picture) {
      return picture.error().with_context(files[i].path.string());
    }
    FACEPIPE_ASSIGN(const detect::Detection found, detector->detect(picture->view()));
    if (!found.faces.empty()) {
      const detect::Face& face = found.faces.front();
      FACEPIPE_ASSIGN(image::RgbImage crop,
                      recognize::make_input({*std::move(picture), face.box, face.landmarks}, preprocessing));
      crops.push_back(std::move(crop));
    }
    progress.set(i + 1);
  }
  if (crops.empty()) {
    return Error{ErrorCode::kNotFound,
                 "calibration: expected photographs with faces, found none in " + std::to_string(files.size())};
  }
  return crops;
}

}  // namespace facepipe::app
