// The named ways from a crop to the network's input.
// Sources: facenet-pytorch 2.6.0 models/mtcnn.py (fixed_image_standardization), the Python pipeline's own steps for
// "classic", davidsandberg/facenet src/facenet.py (prewhiten). Tested by preprocessing_test.cc.
#include "model/preprocessing.h"

#include <array>
#include <utility>

namespace facepipe::model {
namespace {

constexpr std::array<std::pair<Normalisation, std::string_view>, 3> kNormalisations{{
    {Normalisation::kUnit, "unit"},
    {Normalisation::kFixed, "fixed"},
    {Normalisation::kWhiten, "whiten"},
}};

}  // namespace

std::string_view to_string(Normalisation normalisation) {
  for (const auto& [value, name] : kNormalisations) {
    if (value == normalisation) {
      return name;
    }
  }
  return "unknown";
}

Result<Normalisation> parse_normalisation(std::string_view text) {
  for (const auto& [value, name] : kNormalisations) {
    if (name == text) {
      return value;
    }
  }
  return Error{ErrorCode::kInvalidArgument,
               "unknown normalisation '" + std::string(text) + "': expected unit, fixed or whiten"};
}

Result<Preprocessing> known_mode(std::string_view name) {
  if (name == "classic") {
    return Preprocessing{.mode = "classic",
                         .input_px = 240,
                         .margin_px = 0,
                         .min_max_stretch = true,
                         .normalisation = Normalisation::kUnit};
  }
  if (name == "standard") {
    return Preprocessing{.mode = "standard",
                         .input_px = 160,
                         .margin_px = 0,
                         .min_max_stretch = false,
                         .normalisation = Normalisation::kFixed};
  }
  if (name == "whitened") {
    return Preprocessing{.mode = "whitened",
                         .input_px = 160,
                         .margin_px = 32,
                         .min_max_stretch = false,
                         .normalisation = Normalisation::kWhiten};
  }
  return Error{ErrorCode::kNotFound,
               "unknown preprocessing mode '" + std::string(name) + "': known are classic, standard and whitened"};
}

}  // namespace facepipe::model
