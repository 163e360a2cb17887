// Fields of a gallery file's JSON header: docs/formats/gallery.md.
#pragma once

#include <simdjson.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "base/json_writer.h"
#include "base/result.h"
#include "model/preprocessing.h"

namespace facepipe::gallery {

// kInvalidData.
[[nodiscard]] Error invalid_file(std::string message);

// A field of the type that T stands for (bool, std::string_view, an array, ...). kInvalidData names it.
template <typename T>
[[nodiscard]] Result<T> field(const simdjson::dom::object& object, std::string_view name) {
  T value{};
  if (object.at_key(name).get(value) != simdjson::SUCCESS) {
    return invalid_file("header field \"" + std::string(name) + "\" is missing or of another type");
  }
  return value;
}

// A whole number from `low` to `high`.
[[nodiscard]] Result<int> int_field(const simdjson::dom::object& object, std::string_view name, std::int64_t low,
                                    std::int64_t high);

// The object of "preprocessing". Fields that came later are left out where they say what was the only way before, so
// that such a gallery's bytes stay as they were.
void write_preprocessing(JsonWriter& json, const model::Preprocessing& preprocessing);
[[nodiscard]] Result<model::Preprocessing> read_preprocessing(const simdjson::dom::object& object);

}  // namespace facepipe::gallery
