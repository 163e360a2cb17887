// Events are read by base/json_reader.h, with errors of the form "Records[0].body: expected a string, got a number".
#pragma once

#include "base/json_reader.h"

namespace facepipe::lambda {

inline std::string event_field_error(std::string_view /*context*/, std::string_view path, std::string_view expected,
                                     std::string_view found) {
  return std::string(path) + ": expected " + std::string(expected) + ", got " + std::string(found);
}

// The document's object. kInvalidData: "event: expected a JSON object, got ...".
[[nodiscard]] inline Result<JsonDocument> parse_event(std::string_view json) {
  return JsonDocument::parse_object(json, {.context = "event", .field_error = event_field_error});
}

// False of what is absent or null; kInvalidData for anything else that is no object.
[[nodiscard]] inline Result<bool> is_object(const JsonValue& value) {
  if (value) {
    FACEPIPE_TRY(value.check_object());
  }
  return static_cast<bool>(value);
}

}  // namespace facepipe::lambda
