// Fields of messages, read within bounds and written where they are there: internal to the module.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/json_reader.h"
#include "base/json_writer.h"
#include "base/result.h"
#include "image/geometry.h"
#include "wire/messages.h"

namespace facepipe::wire {

// kInvalidData
[[nodiscard]] Error invalid(std::string message);

inline constexpr std::string_view kNotObject = "expected a JSON object";  // of what is JSON and none
// The object in `json`, or in the string that it is. kInvalidData otherwise; nothing of `json` is quoted.
[[nodiscard]] Result<JsonDocument> parse_json(std::string_view json);

// Nullopt of a field that is absent or null; kInvalidData, naming it, of what is something else.
[[nodiscard]] Result<std::optional<std::string_view>> read_text(const JsonValue& value);
// A whole number in [low, high].
[[nodiscard]] Result<std::optional<int>> read_integer(const JsonValue& value, std::int64_t low, std::int64_t high);
// A number that a float can hold.
[[nodiscard]] Result<std::optional<float>> read_number(const JsonValue& value);
// From 0 to 1.
[[nodiscard]] Result<std::optional<float>> read_share(const JsonValue& value);
// [x1, y1, x2, y2]
[[nodiscard]] Result<std::optional<image::Box>> read_box(const JsonValue& value);
// [width, height]
[[nodiscard]] Result<std::optional<PictureSize>> read_size(const JsonValue& value);
// Milliseconds since 1970.
[[nodiscard]] Result<std::optional<Clock::TimePoint>> read_time(const JsonValue& value);
// A text that must be there and not empty.
[[nodiscard]] Result<std::string> required_text(const JsonDocument& object, std::string_view name);

// `Count` items of an array, each as `read` has it; nullopt where one is something else.
template <std::size_t Count, typename Item>
[[nodiscard]] std::optional<std::array<Item, Count>> read_items(const JsonValue& value,
                                                                std::optional<Item> (*read)(const JsonValue&)) {
  if (value.type() != JsonType::kArray || value.size() != Count) {
    return std::nullopt;
  }
  std::array<Item, Count> items{};
  std::size_t i = 0;
  const Status done = value.each_item([&](const JsonValue& element) -> Status {
    const auto item = read(element);
    if (!item) {
      return element.must_be("another value");
    }
    items.at(i++) = *item;
    return {};
  });
  return done ? std::optional(items) : std::nullopt;
}

// [x, y]
[[nodiscard]] std::optional<image::Point> as_point(const JsonValue& value);

// [[x, y], ...]
template <std::size_t Count>
[[nodiscard]] Result<std::optional<std::array<image::Point, Count>>> read_points(const JsonValue& value) {
  if (!value) {
    return std::optional<std::array<image::Point, Count>>{};
  }
  const auto points = read_items<Count>(value, as_point);
  return points ? Result<std::optional<std::array<image::Point, Count>>>(points)
                : value.must_be(std::to_string(Count) + " points [x, y] in pixels");
}

// Nothing where there is nothing.
void write_box(JsonWriter& json, std::string_view name, const std::optional<image::Box>& box);
void write_number(JsonWriter& json, std::string_view name, std::optional<float> number);
void write_text(JsonWriter& json, std::string_view name, std::string_view text);

}  // namespace facepipe::wire
