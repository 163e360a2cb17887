// Tested by proxy_event_test.cc and sqs_event_test.cc.
#include "lambda/events/json_fields.h"

namespace facepipe::lambda {
namespace {

Error wrong_type(std::string_view path, std::string_view expected, simdjson::dom::element got) {
  return Error{ErrorCode::kInvalidData,
               std::string(path) + ": expected " + std::string(expected) + ", got " + std::string(json_type_name(got))};
}

}  // namespace

std::string_view json_type_name(simdjson::dom::element value) {
  switch (value.type()) {
    case simdjson::dom::element_type::ARRAY:
      return "an array";
    case simdjson::dom::element_type::OBJECT:
      return "an object";
    case simdjson::dom::element_type::INT64:
    case simdjson::dom::element_type::UINT64:
    case simdjson::dom::element_type::DOUBLE:
      return "a number";
    case simdjson::dom::element_type::STRING:
      return "a string";
    case simdjson::dom::element_type::BOOL:
      return "a boolean";
    case simdjson::dom::element_type::NULL_VALUE:
      return "null";
  }
  return "something else";
}

Result<simdjson::dom::object> parse_object(simdjson::dom::parser& parser, std::string_view json,
                                           std::string_view what) {
  simdjson::dom::element root;
  if (const auto error = parser.parse(json.data(), json.size()).get(root); error != simdjson::SUCCESS) {
    return Error{ErrorCode::kInvalidData, std::string(what) + ": expected JSON, got " + std::to_string(json.size()) +
                                              " bytes that are not: " + simdjson::error_message(error)};
  }
  simdjson::dom::object object;
  if (root.get(object) != simdjson::SUCCESS) {
    return wrong_type(what, "a JSON object", root);
  }
  return object;
}

Result<std::string_view> string_field(simdjson::dom::object object, std::string_view name, std::string_view path) {
  simdjson::dom::element value;
  if (object.at_key(name).get(value) != simdjson::SUCCESS || value.is_null()) {
    return std::string_view{};
  }
  std::string_view text;
  if (value.get(text) != simdjson::SUCCESS) {
    return wrong_type(path, "a string", value);
  }
  return text;
}

Result<std::string_view> required_string(simdjson::dom::object object, std::string_view name, std::string_view path) {
  FACEPIPE_ASSIGN(const std::string_view text, string_field(object, name, path));
  if (text.empty()) {
    return Error{ErrorCode::kInvalidData, std::string(path) + ": expected a string, got nothing"};
  }
  return text;
}

Result<bool> object_field(simdjson::dom::object object, std::string_view name, std::string_view path,
                          simdjson::dom::object& into) {
  simdjson::dom::element value;
  if (object.at_key(name).get(value) != simdjson::SUCCESS || value.is_null()) {
    return false;
  }
  if (value.get(into) != simdjson::SUCCESS) {
    return wrong_type(path, "an object", value);
  }
  return true;
}

}  // namespace facepipe::lambda
