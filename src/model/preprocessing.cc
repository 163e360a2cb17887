// The named ways from a crop to the network's input.
// Sources: facenet-pytorch 2.6.0 models/mtcnn.py (fixed_image_standardization), the Python pipeline's own steps for
// "classic", davidsandberg/facenet src/facenet.py (prewhiten). Tested by preprocessing_test.cc.
#include "model/preprocessing.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <optional>
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

constexpr std::string_view kMean = "mean ";
constexpr std::string_view kDeviation = " deviation ";
constexpr float kLargestNumber = 1e6F;  // as the manifest has it

// "[104,117,123.5]"
std::string list(const std::array<float, 3>& values) {
  JsonWriter json;
  json.begin_array();
  for (const float value : values) {
    json.number(value);
  }
  json.end_array();
  return std::move(json).text();
}

// The inverse of list().
std::optional<std::array<float, 3>> parse_list(std::string_view text) {
  std::array<float, 3> values{};
  const char* at = text.data();
  const char* const end = at + text.size();
  char before = '[';
  for (float& value : values) {
    if (at == end || *at != before) {
      return std::nullopt;
    }
    const auto [next, error] = std::from_chars(at + 1, end, value);
    if (error != std::errc() || !(std::abs(value) <= kLargestNumber)) {
      return std::nullopt;
    }
    at = next;
    before = ',';
  }
  return std::string_view(at, static_cast<std::size_t>(end - at)) == "]" ? std::optional(values) : std::nullopt;
}

// "mean LIST deviation LIST"
std::optional<Normalisation> parse_values(std::string_view text) {
  const std::size_t deviation_at = text.find(kDeviation);
  if (!text.starts_with(kMean) || deviation_at == std::string_view::npos || deviation_at < kMean.size()) {
    return std::nullopt;
  }
  const auto mean = parse_list(text.substr(kMean.size(), deviation_at - kMean.size()));
  const auto deviation = parse_list(text.substr(deviation_at + kDeviation.size()));
  if (!mean || !deviation || !(*std::ranges::min_element(*deviation) > 0)) {
    return std::nullopt;
  }
  return Normalisation{.mean = *mean, .deviation = *deviation};
}

}  // namespace

bool has_name(const Normalisation& normalisation) {
  return std::ranges::any_of(kNamed, [&](const Named& named) { return named.normalisation == normalisation; });
}

std::string to_string(const Normalisation& normalisation) {
  for (const Named& named : kNamed) {
    if (named.normalisation == normalisation) {
      return std::string(named.name);
    }
  }
  return std::string(kMean) + list(normalisation.mean) + std::string(kDeviation) + list(normalisation.deviation);
}

Result<Normalisation> parse_normalisation(std::string_view text) {
  for (const Named& named : kNamed) {
    if (named.name == text) {
      return named.normalisation;
    }
  }
  if (const auto values = parse_values(text)) {
    return *values;
  }
  return Error{ErrorCode::kInvalidArgument, "unknown normalisation '" + std::string(text) +
                                                "': expected unit, fixed, whiten or mean [...] deviation [...]"};
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

bool same_pixels(Preprocessing a, const Preprocessing& b) {
  a.mode = b.mode;
  return a == b;
}

}  // namespace facepipe::model
