// Tested by gallery_file_test.cc.
#include "gallery/header_fields.h"

#include <cmath>
#include <utility>

namespace facepipe::gallery {
namespace {

namespace dom = simdjson::dom;

void write_optional_fields(JsonWriter& json, const model::Preprocessing& preprocessing) {
  if (preprocessing.alignment != model::kBoxAlignment) {
    json.key("alignment").string(preprocessing.alignment);
  }
  if (preprocessing.points != image::Landmarks{}) {
    json.key("points").begin_array();
    for (const image::Point& point : preprocessing.points) {
      json.begin_array().number(point.x).number(point.y).end_array();
    }
    json.end_array();
  }
  if (preprocessing.colour_order != model::ColourOrder::kRgb) {
    json.key("colour_order").string(model::to_string(preprocessing.colour_order));
  }
  if (preprocessing.mirrored) {
    json.key("mirrored").boolean(true);
  }
}

bool has(const dom::object& object, std::string_view name) {
  return object.at_key(name).error() == simdjson::SUCCESS;
}

Result<image::Landmarks> read_points(const dom::object& object) {
  constexpr double kMaxCoordinate = 1e6;
  const auto refused = [] { return invalid_file("header field \"points\": expected 5 points [x, y]"); };
  FACEPIPE_ASSIGN(const auto array, field<dom::array>(object, "points"));
  image::Landmarks points{};
  if (array.size() != points.size()) {
    return refused();
  }
  std::size_t i = 0;
  for (const dom::element element : array) {
    dom::array pair;
    double x = 0;
    double y = 0;
    if (element.get_array().get(pair) != simdjson::SUCCESS || pair.size() != 2 ||
        pair.at(0).get_double().get(x) != simdjson::SUCCESS || pair.at(1).get_double().get(y) != simdjson::SUCCESS ||
        std::abs(x) > kMaxCoordinate || std::abs(y) > kMaxCoordinate) {
      return refused();
    }
    points.at(i++) = {static_cast<float>(x), static_cast<float>(y)};
  }
  return points;
}

// Absent in files of before there were such fields, and where they say nothing new.
Status read_optional_fields(const dom::object& object, model::Preprocessing& preprocessing) {
  if (has(object, "alignment")) {
    FACEPIPE_ASSIGN(const auto alignment, field<std::string_view>(object, "alignment"));
    preprocessing.alignment = std::string(alignment);
  }
  if (has(object, "points")) {
    FACEPIPE_ASSIGN(preprocessing.points, read_points(object));
  } else if (preprocessing.alignment == model::kLandmarksAlignment) {
    return invalid_file("header field \"points\" is missing; \"alignment\" is \"landmarks\"");
  }
  if (has(object, "colour_order")) {
    FACEPIPE_ASSIGN(const auto order, field<std::string_view>(object, "colour_order"));
    if (order != to_string(model::ColourOrder::kRgb) && order != to_string(model::ColourOrder::kBgr)) {
      return invalid_file("header field \"colour_order\": expected rgb or bgr");
    }
    preprocessing.colour_order =
        order == to_string(model::ColourOrder::kBgr) ? model::ColourOrder::kBgr : model::ColourOrder::kRgb;
  }
  if (has(object, "mirrored")) {
    FACEPIPE_ASSIGN(preprocessing.mirrored, field<bool>(object, "mirrored"));
  }
  return {};
}

}  // namespace

Error invalid_file(std::string message) {
  return Error{ErrorCode::kInvalidData, std::move(message)};
}

Result<int> int_field(const dom::object& object, std::string_view name, std::int64_t low, std::int64_t high) {
  FACEPIPE_ASSIGN(const auto value, field<std::int64_t>(object, name));
  if (value < low || value > high) {
    return invalid_file("header field \"" + std::string(name) + "\": expected " + std::to_string(low) + " to " +
                        std::to_string(high) + ", found " + std::to_string(value));
  }
  return static_cast<int>(value);
}

void write_preprocessing(JsonWriter& json, const model::Preprocessing& preprocessing) {
  json.begin_object();
  json.key("mode").string(preprocessing.mode);
  json.key("input_px").integer(preprocessing.input_px);
  json.key("margin_px").integer(preprocessing.margin_px);
  json.key("min_max_stretch").boolean(preprocessing.min_max_stretch);
  json.key("normalisation").string(model::to_string(preprocessing.normalisation));
  write_optional_fields(json, preprocessing);
  json.end_object();
}

Result<model::Preprocessing> read_preprocessing(const dom::object& object) {
  constexpr std::int64_t kMaxInputPx = 4096;
  model::Preprocessing preprocessing;
  FACEPIPE_ASSIGN(const auto mode, field<std::string_view>(object, "mode"));
  FACEPIPE_ASSIGN(preprocessing.input_px, int_field(object, "input_px", 1, kMaxInputPx));
  FACEPIPE_ASSIGN(preprocessing.margin_px, int_field(object, "margin_px", 0, preprocessing.input_px - 1));
  FACEPIPE_ASSIGN(preprocessing.min_max_stretch, field<bool>(object, "min_max_stretch"));
  FACEPIPE_ASSIGN(const auto normalisation, field<std::string_view>(object, "normalisation"));
  const auto parsed = model::parse_normalisation(normalisation);
  if (!parsed) {
    return invalid_file("header field \"normalisation\": " + parsed.error().message);
  }
  preprocessing.mode = std::string(mode);
  preprocessing.normalisation = *parsed;
  FACEPIPE_TRY(read_optional_fields(object, preprocessing));
  return preprocessing;
}

}  // namespace facepipe::gallery
