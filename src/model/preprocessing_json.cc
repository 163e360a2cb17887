// Tested by manifest_test.cc and gallery/gallery_file_test.cc.
#include "model/preprocessing_json.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <utility>

namespace facepipe::model {
namespace {

constexpr double kMaxNumber = 1e6;

Result<int> read_px(const JsonValue& value, int low, int high) {
  FACEPIPE_ASSIGN(const std::int64_t number, value.integer(low, high));
  return static_cast<int>(number);
}

// Numbers of a picture's values or pixels.
template <std::size_t Count>
Result<std::array<float, Count>> read_numbers(const JsonValue& value) {
  const std::string expected = std::to_string(Count) + " numbers from -1e6 to 1e6";
  if (value.type() != JsonType::kArray || value.size() != Count) {
    return value.must_be(expected);
  }
  std::array<float, Count> numbers{};
  std::size_t i = 0;
  FACEPIPE_TRY(value.each_item([&](const JsonValue& item) -> Status {
    const auto number = item.as_number();
    if (!number || std::abs(*number) > kMaxNumber) {
      return value.must_be(expected);
    }
    numbers.at(i++) = static_cast<float>(*number);
    return {};
  }));
  return numbers;
}

// A name, or {"mean": [...], "deviation": [...]}.
Result<Normalisation> read_normalisation(const JsonValue& value) {
  if (value.type() == JsonType::kObject) {
    Normalisation normalisation;
    FACEPIPE_ASSIGN(normalisation.mean, read_numbers<3>(value["mean"]));
    FACEPIPE_ASSIGN(normalisation.deviation, read_numbers<3>(value["deviation"]));
    const auto& deviation = normalisation.deviation;
    return *std::ranges::min_element(deviation) > 0 ? Result<Normalisation>(normalisation)
                                                    : value["deviation"].must_be("3 numbers above 0");
  }
  auto parsed = parse_normalisation(value.as_string().value_or(std::string_view()));
  return parsed ? std::move(parsed) : value.must_be("unit, fixed, whiten, or an object of mean and deviation");
}

Result<image::Landmarks> read_points(const JsonValue& value) {
  image::Landmarks points{};
  if (value.type() != JsonType::kArray || value.size() != points.size()) {
    return value.must_be("an array of 5 points");
  }
  std::size_t i = 0;
  FACEPIPE_TRY(value.each_item([&](const JsonValue& item) -> Status {
    FACEPIPE_ASSIGN(const auto numbers, read_numbers<2>(item));
    points.at(i++) = {numbers[0], numbers[1]};
    return {};
  }));
  return points;
}

Status read_alignment(const JsonValue& value, AlignmentFields fields, Preprocessing& preprocessing) {
  const auto expected = [&](const JsonValue& field) {
    return fields == AlignmentFields::kRequired || field.type() != JsonType::kAbsent;
  };
  if (const JsonValue alignment = value["alignment"]; expected(alignment)) {
    FACEPIPE_ASSIGN(preprocessing.alignment, alignment.text());
  }
  if (const JsonValue order = value["colour_order"]; expected(order)) {
    FACEPIPE_ASSIGN(const std::size_t named,
                    order.one_of({to_string(ColourOrder::kRgb), to_string(ColourOrder::kBgr)}));
    preprocessing.colour_order = named == 0 ? ColourOrder::kRgb : ColourOrder::kBgr;
  }
  if (const JsonValue points = value["points"]; points.type() != JsonType::kAbsent) {
    FACEPIPE_ASSIGN(preprocessing.points, read_points(points));
  }
  if (const JsonValue mirrored = value["mirrored"]; mirrored.type() != JsonType::kAbsent) {
    FACEPIPE_ASSIGN(preprocessing.mirrored, mirrored.boolean());
  }
  return {};
}

void write_channels(JsonWriter& json, std::string_view name, const std::array<float, 3>& values) {
  json.key(name).begin_array();
  for (const float value : values) {
    json.number(value);
  }
  json.end_array();
}

void write_normalisation(JsonWriter& json, const Normalisation& normalisation) {
  json.key("normalisation");
  if (has_name(normalisation)) {
    json.string(to_string(normalisation));
    return;
  }
  json.begin_object();
  write_channels(json, "mean", normalisation.mean);
  write_channels(json, "deviation", normalisation.deviation);
  json.end_object();
}

}  // namespace

void write_preprocessing(JsonWriter& json, const Preprocessing& preprocessing) {
  json.begin_object();
  json.key("mode").string(preprocessing.mode);
  json.key("input_px").integer(preprocessing.input_px);
  json.key("alignment").string(preprocessing.alignment);
  json.key("margin_px").integer(preprocessing.margin_px);
  if (preprocessing.points != image::Landmarks{}) {
    json.key("points").begin_array();
    for (const image::Point& point : preprocessing.points) {
      json.begin_array().number(point.x).number(point.y).end_array();
    }
    json.end_array();
  }
  json.key("min_max_stretch").boolean(preprocessing.min_max_stretch);
  json.key("colour_order").string(to_string(preprocessing.colour_order));
  write_normalisation(json, preprocessing.normalisation);
  if (preprocessing.mirrored) {
    json.key("mirrored").boolean(true);
  }
  json.end_object();
}

Result<Preprocessing> read_preprocessing(const JsonValue& value, AlignmentFields fields) {
  FACEPIPE_TRY(value.check_object());
  Preprocessing preprocessing;
  FACEPIPE_ASSIGN(preprocessing.mode, value["mode"].text());
  FACEPIPE_ASSIGN(preprocessing.input_px, read_px(value["input_px"], 1, kMaxInputPx));
  FACEPIPE_ASSIGN(preprocessing.margin_px, read_px(value["margin_px"], 0, preprocessing.input_px - 1));
  FACEPIPE_ASSIGN(preprocessing.min_max_stretch, value["min_max_stretch"].boolean());
  FACEPIPE_ASSIGN(preprocessing.normalisation, read_normalisation(value["normalisation"]));
  if (fields != AlignmentFields::kNone) {
    FACEPIPE_TRY(read_alignment(value, fields, preprocessing));
  }
  return preprocessing;
}

}  // namespace facepipe::model
