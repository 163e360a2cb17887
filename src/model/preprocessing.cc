// The named ways from a crop to the network's input.
// Sources: facenet-pytorch 2.6.0 models/mtcnn.py (fixed_image_standardization), the Python pipeline's own steps for
// "classic", davidsandberg/facenet src/facenet.py (prewhiten). Tested by preprocessing_test.cc.
#include "model/preprocessing.h"

#include <array>
#include <utility>

#include "base/json_writer.h"

namespace facepipe::model {
namespace {

struct Named {
  std::string_view name;
  const Normalisation& normalisation;
};
constexpr std::array<Named, 3> kNamed{
    {{"unit", Normalisation::kUnit}, {"fixed", Normalisation::kFixed}, {"whiten", Normalisation::kWhiten}}};

std::string list(const std::array<float, 3>& values) {
  JsonWriter json;
  json.begin_array();
  for (const float value : values) {
    json.number(value);
  }
  json.end_array();
  return std::move(json).text();
}

}  // namespace

std::string to_string(const Normalisation& normalisation) {
  for (const Named& named : kNamed) {
    if (named.normalisation == normalisation) {
      return std::string(named.name);
    }
  }
  return "mean " + list(normalisation.mean) + " deviation " + list(normalisation.deviation);
}

Result<Normalisation> parse_normalisation(std::string_view text) {
  for (const Named& named : kNamed) {
    if (named.name == text) {
      return named.normalisation;
    }
  }
  return Error{ErrorCode::kInvalidArgument,
               "unknown normalisation '" + std::string(text) + "': expected unit, fixed or whiten"};
}

std::string_view to_string(ColourOrder order) {
  return order == ColourOrder::kBgr ? "bgr" : "rgb";
}

Result<Preprocessing> known_mode(std::string_view name) {
  const std::array<Preprocessing, 3> modes{
      {{.mode = "classic", .input_px = 240, .min_max_stretch = true, .normalisation = Normalisation::kUnit},
       {.mode = "standard"},
       {.mode = "whitened", .margin_px = 32, .normalisation = Normalisation::kWhiten}}};
  for (const Preprocessing& mode : modes) {
    if (mode.mode == name) {
      return mode;
    }
  }
  return Error{ErrorCode::kNotFound,
               "unknown preprocessing mode '" + std::string(name) + "': known are classic, standard and whitened"};
}

}  // namespace facepipe::model
