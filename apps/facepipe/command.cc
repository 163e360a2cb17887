#include "command.h"

#include <algorithm>

#include "recognize/load_detector.h"

namespace facepipe::app {

void DetectorOption::add_to(CLI::App& command) {
  add_setting(command, "--min-face", options.min_face_size_px, "Smallest face to find, in pixels");
  add_setting(command, "--thresholds", thresholds, "Confidence thresholds of P-Net, R-Net and O-Net")->expected(3);
  add_setting(command, "--factor", options.factor, "Scale step of the image pyramid");
}

detect::DetectorOptions DetectorOption::get() const {
  detect::DetectorOptions chosen = options;
  for (std::size_t i = 0; i < chosen.thresholds.size() && i < thresholds.size(); ++i) {
    chosen.thresholds[i] = thresholds[i];
  }
  return chosen;
}

Result<std::vector<client::FrameFile>> pictures_of(std::span<const std::filesystem::path> inputs) {
  constexpr std::size_t kNamed = 5;
  std::vector<std::filesystem::path> left_out;
  auto files = client::list_frames(inputs, &left_out);
  if (!left_out.empty()) {
    std::string text = std::to_string(left_out.size()) + (left_out.size() == 1 ? " file is" : " files are") +
                       " left out, being no JPEG, PNG or WebP: ";
    for (std::size_t i = 0; i < std::min(left_out.size(), kNamed); ++i) {
      text += (i == 0 ? "" : ", ") + left_out[i].string();
    }
    complain(left_out.size() > kNamed ? text + ", ..." : text);
  }
  return files;
}

Result<Models> load_models(const std::filesystem::path& pack_folder, const detect::DetectorOptions& options) {
  FACEPIPE_ASSIGN(model::ModelPack pack, model::ModelPack::open(pack_folder));
  FACEPIPE_ASSIGN(auto detector, recognize::load_detector(pack, options));
  return Models{std::move(pack), std::move(detector)};
}

Result<model::Preprocessing> choose_mode(const std::string& name, const model::Manifest& manifest) {
  if (name.empty() || name == manifest.preprocessing.mode) {
    return manifest.preprocessing;
  }
  if (!has_mode(manifest, name)) {
    FACEPIPE_TRY(model::known_mode(name));
    return Error{ErrorCode::kInvalidArgument, "mode '" + name + "': the pack " + manifest.name +
                                                  " has its own alone, " + manifest.preprocessing.mode};
  }
  return model::known_mode(name);
}

}  // namespace facepipe::app
