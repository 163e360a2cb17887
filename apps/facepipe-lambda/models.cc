// Tested by models_test.cc, and by tests/lambda with whole packs.
#include "models.h"

#include <algorithm>
#include <array>
#include <string>
#include <system_error>
#include <utility>

#include "base/cpu_count.h"
#include "base/file.h"
#include "model/model_pack.h"
#include "recognize/load_detector.h"

namespace facepipe::lambda_app {
namespace {

int thread_count(const Config& config) {
  return config.threads > 0 ? config.threads : std::min(usable_cpus(), 64);
}

Result<model::ModelPack> open_pack(const Config& config) {
  FACEPIPE_ASSIGN(const std::filesystem::path folder, find_pack(config));
  auto pack = model::ModelPack::open(folder);
  if (!pack) {
    return std::move(pack).error().with_context("model pack " + folder.string());
  }
  return pack;
}

}  // namespace

Result<std::filesystem::path> find_pack(const Config& config) {
  if (config.pack) {
    return *config.pack;
  }
  std::filesystem::path beside = config.model;
  beside.replace_extension(".pack");
  const std::array<std::filesystem::path, 3> places = {config.model, beside, config.model.parent_path() / "pack"};
  std::string tried;
  for (const std::filesystem::path& place : places) {
    std::error_code ignored;  // a place that cannot be looked at is none
    if (std::filesystem::is_directory(place, ignored)) {
      return place;
    }
    tried.append(tried.empty() ? "" : ", ").append(place.string());
  }
  return Error{ErrorCode::kNotFound,
               "no model pack: FACEPIPE_PACK is not set and MODEL_PATH leads to none of the folders " + tried +
                   " (facepipe model build makes one of a resnetV1.pt)"};
}

Result<std::unique_ptr<const detect::Detector>> load_detector(const Config& config) {
  FACEPIPE_ASSIGN(const model::ModelPack pack, open_pack(config));
  detect::DetectorOptions options;
  options.min_face_size_px = config.min_face_px;
  options.threads = thread_count(config);
  return recognize::load_detector(pack, options);
}

Result<stage::RecognitionModel> load_recognition_model(const Config& config) {
  FACEPIPE_ASSIGN(const model::ModelPack pack, open_pack(config));
  embed::EmbedderOptions options;
  options.threads = thread_count(config);
  FACEPIPE_ASSIGN(stage::RecognitionModel model, stage::RecognitionModel::load(pack, options));
  model.strangers = config.strangers;
  return model;
}

}  // namespace facepipe::lambda_app
