// Reading JSON objects field by field, with errors that name the field. For the module's own .cc files.
#pragma once

#include <simdjson.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace facepipe::lambda {

// "object", "array", "string" and so on, for messages.
[[nodiscard]] std::string_view json_type_name(simdjson::dom::element value);

// The document's object. kInvalidData: "WHAT: expected a JSON object, got ...". The parser owns what is returned.
[[nodiscard]] Result<simdjson::dom::object> parse_object(simdjson::dom::parser& parser, std::string_view json,
                                                         std::string_view what);

// The text of a field; absent or null: empty. kInvalidData ("PATH: expected a string, got a number") otherwise. The
// view lives as long as the parser's document.
[[nodiscard]] Result<std::string_view> string_field(simdjson::dom::object object, std::string_view name,
                                                    std::string_view path);

// As string_field, but the field must be there and not empty.
[[nodiscard]] Result<std::string_view> required_string(simdjson::dom::object object, std::string_view name,
                                                       std::string_view path);

// The object in a field; absent or null: false and `into` is as it was. kInvalidData for any other type.
[[nodiscard]] Result<bool> object_field(simdjson::dom::object object, std::string_view name, std::string_view path,
                                        simdjson::dom::object& into);

}  // namespace facepipe::lambda
