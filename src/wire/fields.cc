// Tested by messages_test.cc.
#include "wire/fields.h"

#include <cmath>
#include <limits>
#include <utility>

namespace facepipe::wire {
namespace {

constexpr double kMaxCoordinate = 1e6;
constexpr std::int64_t kMaxTimeMs = 253'402'300'799'999;  // the end of 9999

// Bytes of a JSON text outside its strings, white space left out: brackets, commas, numbers. Each may cost the reader
// twelve, so that a body of commas would become many times its size. Our messages have some hundred.
constexpr std::size_t kMaxStructureBytes = 262'144;

std::string field_error(std::string_view /*context*/, std::string_view path, std::string_view expected,
                        std::string_view /*found*/) {
  return "field \"" + std::string(path) + "\": expected " + std::string(expected);
}

std::optional<float> as_float(const JsonValue& value, double limit) {
  const auto number = value.as_number();
  return number && std::abs(*number) <= limit ? std::optional<float>(static_cast<float>(*number)) : std::nullopt;
}

std::optional<float> as_coordinate(const JsonValue& value) {
  return as_float(value, kMaxCoordinate);
}

}  // namespace

Error invalid(std::string message) {
  return Error{ErrorCode::kInvalidData, std::move(message)};
}

Result<JsonDocument> parse_json(std::string_view json) {
  const JsonRules rules{.max_structure = kMaxStructureBytes, .field_error = field_error};
  FACEPIPE_ASSIGN(JsonDocument document, JsonDocument::parse(json, rules));
  if (const auto inner = document.root().as_string()) {
    FACEPIPE_ASSIGN(document, JsonDocument::parse(*inner, rules));
  }
  if (document.root().type() != JsonType::kObject) {
    return invalid(std::string(kNotObject));
  }
  return document;
}

Result<std::optional<std::string_view>> read_text(const JsonValue& value) {
  if (!value) {
    return std::optional<std::string_view>{};
  }
  FACEPIPE_ASSIGN(const std::string_view text, value.string("a text"));
  return std::optional<std::string_view>(text);
}

Result<std::optional<int>> read_integer(const JsonValue& value, std::int64_t low, std::int64_t high) {
  if (!value) {
    return std::optional<int>{};
  }
  const auto number = value.as_integer();
  if (!number || *number < low || *number > high) {
    return value.must_be("a whole number from " + std::to_string(low) + " to " + std::to_string(high));
  }
  return std::optional<int>(static_cast<int>(*number));
}

Result<std::optional<float>> read_number(const JsonValue& value) {
  if (!value) {
    return std::optional<float>{};
  }
  const auto number = as_float(value, static_cast<double>(std::numeric_limits<float>::max()));
  return number ? Result<std::optional<float>>(number) : value.must_be("a number within the range of a 32-bit float");
}

Result<std::optional<float>> read_share(const JsonValue& value) {
  FACEPIPE_ASSIGN(const std::optional<float> number, read_number(value));
  return !number || (*number >= 0 && *number <= 1) ? Result<std::optional<float>>(number)
                                                   : value.must_be("a number from 0 to 1");
}

std::optional<image::Point> as_point(const JsonValue& value) {
  const auto pair = read_items<2>(value, as_coordinate);
  return pair ? std::optional(image::Point{(*pair)[0], (*pair)[1]}) : std::nullopt;
}

Result<std::optional<image::Box>> read_box(const JsonValue& value) {
  if (!value) {
    return std::optional<image::Box>{};
  }
  const auto corners = read_items<4>(value, as_coordinate);
  if (!corners) {
    return value.must_be("[x1, y1, x2, y2] in pixels");
  }
  return std::optional(image::Box{(*corners)[0], (*corners)[1], (*corners)[2], (*corners)[3]});
}

Result<std::optional<PictureSize>> read_size(const JsonValue& value) {
  if (!value) {
    return std::optional<PictureSize>{};
  }
  const auto sides = read_items<2, std::int64_t>(value, [](const JsonValue& side) {
    const auto px = side.as_integer();
    return px && *px >= 1 && *px <= kMaxFrameSidePx ? px : std::nullopt;
  });
  if (!sides) {
    return value.must_be("[width, height], whole numbers from 1 to " + std::to_string(kMaxFrameSidePx));
  }
  return std::optional(PictureSize{static_cast<int>((*sides)[0]), static_cast<int>((*sides)[1])});
}

Result<std::optional<Clock::TimePoint>> read_time(const JsonValue& value) {
  if (!value) {
    return std::optional<Clock::TimePoint>{};
  }
  const auto milliseconds = value.as_integer();
  if (!milliseconds || *milliseconds < 0 || *milliseconds > kMaxTimeMs) {
    return value.must_be("milliseconds since 1970, a whole number from 0 to " + std::to_string(kMaxTimeMs));
  }
  return std::optional(Clock::TimePoint(std::chrono::milliseconds(*milliseconds)));
}

Result<std::string> required_text(const JsonDocument& object, std::string_view name) {
  FACEPIPE_ASSIGN(const auto value, read_text(object[name]));
  if (!value || value->empty()) {
    return invalid("field \"" + std::string(name) + "\" is missing or empty");
  }
  return std::string(*value);
}

void write_box(JsonWriter& json, std::string_view name, const std::optional<image::Box>& box) {
  if (box) {
    json.key(name).begin_array().number(box->x1).number(box->y1).number(box->x2).number(box->y2).end_array();
  }
}

void write_number(JsonWriter& json, std::string_view name, std::optional<float> number) {
  if (number) {
    json.key(name).number(*number);
  }
}

void write_text(JsonWriter& json, std::string_view name, std::string_view text) {
  if (!text.empty()) {
    json.key(name).string(text);
  }
}

}  // namespace facepipe::wire
