// Tested by json_reader_test.cc.
#include "base/json_reader.h"

#include <simdjson.h>

#include <algorithm>
#include <bit>
#include <type_traits>

#include "base/text.h"

namespace facepipe {
namespace {

namespace dom = simdjson::dom;

std::string_view name_of(JsonType type) {
  switch (type) {
    case JsonType::kAbsent:
      return "nothing";
    case JsonType::kNull:
      return "null";
    case JsonType::kBoolean:
      return "a boolean";
    case JsonType::kNumber:
      return "a number";
    case JsonType::kString:
      return "a string";
    case JsonType::kArray:
      return "an array";
    case JsonType::kObject:
      return "an object";
  }
  return "something else";
}

// The first position behind the string that begins at `begin`, which is behind its quote; the text's size if it does
// not end.
std::size_t end_of_string(std::string_view json, std::size_t begin) {
  for (std::size_t quote = json.find('"', begin); quote != std::string_view::npos; quote = json.find('"', quote + 1)) {
    std::size_t escapes = 0;
    while (quote - escapes > begin && json[quote - escapes - 1] == '\\') {
      ++escapes;
    }
    if (escapes % 2 == 0) {
      return quote + 1;
    }
  }
  return json.size();
}

// kTooLarge past a bound, kInvalidData for as much that does not begin like JSON. What is no JSON may pass otherwise:
// the parser finds out.
Status check_structure(std::string_view json, const JsonRules& rules) {
  std::size_t structure = 0;
  std::size_t depth = 0;
  for (std::size_t i = 0; i < json.size();) {
    const char c = json[i++];
    if (static_cast<unsigned char>(c) <= ' ') {
      continue;
    }
    if (c == '"') {
      i = end_of_string(json, i);
    } else if (c == '{' || c == '[') {
      ++depth;
    } else if ((c == '}' || c == ']') && depth > 0) {
      --depth;
    }
    if (depth > rules.max_depth) {
      return Error{ErrorCode::kTooLarge, "expected JSON nested at most " + std::to_string(rules.max_depth) + " deep"};
    }
    if (++structure > rules.max_structure) {
      const std::size_t first = json.find_first_not_of(" \t\r\n");
      if (std::string_view("{[\"").find(json[first]) == std::string_view::npos) {
        return Error{ErrorCode::kInvalidData, "expected JSON, found something else"};
      }
      return Error{ErrorCode::kTooLarge,
                   "expected JSON with at most " + std::to_string(rules.max_structure) + " bytes outside its texts"};
    }
  }
  return {};
}

Status check_bounds(std::string_view json, const JsonRules& rules) {
  if (json.size() > rules.max_bytes) {
    return Error{ErrorCode::kTooLarge, "expected at most " + std::to_string(rules.max_bytes) + " bytes of JSON, got " +
                                           std::to_string(json.size())};
  }
  const JsonRules unbounded;
  return rules.max_structure < unbounded.max_structure || rules.max_depth < unbounded.max_depth
             ? check_structure(json, rules)
             : Status();
}

Error in_context(Error error, std::string_view context) {
  return context.empty() ? std::move(error) : error.with_context(context);
}

}  // namespace

std::string default_json_error(std::string_view context, std::string_view path, std::string_view expected,
                               std::string_view found) {
  std::string text;
  text.append(context).append(context.empty() ? "" : ": ").append("field '").append(path).append("' must be ");
  return text.append(expected).append(", got ").append(found);
}

struct JsonValue::Source {
  explicit Source(const JsonRules& rules) : context(rules.context), field_error(rules.field_error) {}
  static_assert(sizeof(dom::element) == sizeof(Handle) && std::is_trivially_copyable_v<dom::element>);
  static dom::element element(const Handle& handle) { return std::bit_cast<dom::element>(handle); }
  static Handle handle(const dom::element& element) { return std::bit_cast<Handle>(element); }

  // The value as simdjson's T, if it is one.
  template <typename T>
  static std::optional<T> as(const JsonValue& value) {
    T typed{};
    if (!value.handle_ || element(*value.handle_).get(typed) != simdjson::SUCCESS) {
      return std::nullopt;
    }
    return typed;
  }

  dom::parser parser;
  std::string context;
  JsonFieldError field_error;
};

JsonType JsonValue::type() const {
  if (!handle_) {
    return JsonType::kAbsent;
  }
  switch (Source::element(*handle_).type()) {
    case dom::element_type::ARRAY:
      return JsonType::kArray;
    case dom::element_type::OBJECT:
      return JsonType::kObject;
    case dom::element_type::INT64:
    case dom::element_type::UINT64:
    case dom::element_type::DOUBLE:
      return JsonType::kNumber;
    case dom::element_type::STRING:
      return JsonType::kString;
    case dom::element_type::BOOL:
      return JsonType::kBoolean;
    case dom::element_type::NULL_VALUE:
      break;
  }
  return JsonType::kNull;
}

JsonValue JsonValue::operator[](std::string_view name) const {
  std::optional<Handle> found;
  if (const auto object = Source::as<dom::object>(*this)) {
    for (const dom::key_value_pair field : *object) {
      if (field.key == name) {
        found = Source::handle(field.value);
      }
    }
  }
  return {source_, found, path_.empty() ? std::string(name) : path_ + "." + std::string(name)};
}

std::size_t JsonValue::size() const {
  if (const auto array = Source::as<dom::array>(*this)) {
    return array->size();
  }
  const auto object = Source::as<dom::object>(*this);
  return object ? object->size() : 0;
}

std::optional<std::string_view> JsonValue::as_string() const {
  return Source::as<std::string_view>(*this);
}
std::optional<std::int64_t> JsonValue::as_integer() const {
  return Source::as<std::int64_t>(*this);
}
std::optional<double> JsonValue::as_number() const {
  return Source::as<double>(*this);
}
std::optional<bool> JsonValue::as_boolean() const {
  return Source::as<bool>(*this);
}

Result<std::string_view> JsonValue::string(std::string_view expected) const {
  const auto value = as_string();
  return value ? Result<std::string_view>(*value) : must_be(expected);
}

Result<std::string_view> JsonValue::text(std::string_view expected) const {
  const auto value = as_string();
  return value && !value->empty() ? Result<std::string_view>(*value) : must_be(expected);
}

Result<std::string_view> JsonValue::string_or_empty(std::string_view expected) const {
  return *this ? string(expected) : std::string_view();
}

Result<std::int64_t> JsonValue::integer(std::int64_t low, std::int64_t high) const {
  const auto value = as_integer();
  if (!value || *value < low || *value > high) {
    return must_be("an integer from " + std::to_string(low) + " to " + std::to_string(high));
  }
  return *value;
}

Result<std::size_t> JsonValue::one_of(std::initializer_list<std::string_view> names) const {
  const auto text = as_string();
  const auto* const found = std::ranges::find(names, text.value_or(std::string_view()));
  if (text && found != names.end()) {
    return static_cast<std::size_t>(found - names.begin());
  }
  std::string expected;
  for (const auto& name : names) {
    expected.append(expected.empty() ? "" : &name + 1 == names.end() ? " or " : ", ").append(name);
  }
  return must_be(expected);
}

Result<bool> JsonValue::boolean() const {
  const auto value = as_boolean();
  return value ? Result<bool>(*value) : must_be("true or false");
}

Status JsonValue::check_object() const {
  return type() == JsonType::kObject ? Status() : must_be(path_.empty() ? "a JSON object" : "an object");
}

Status JsonValue::each_item(const std::function<Status(const JsonValue& item)>& take) const {
  const auto array = Source::as<dom::array>(*this);
  if (!array) {
    return must_be("an array");
  }
  std::size_t index = 0;
  for (const dom::element item : *array) {
    FACEPIPE_TRY(take({source_, Source::handle(item), path_ + "[" + std::to_string(index++) + "]"}));
  }
  return {};
}

Status JsonValue::each_field(const std::function<Status(std::string_view name, const JsonValue& value)>& take) const {
  FACEPIPE_TRY(check_object());
  const auto object = Source::as<dom::object>(*this);
  for (const dom::key_value_pair field : *object) {
    std::string path = path_.empty() ? std::string(field.key) : path_ + "." + std::string(field.key);
    FACEPIPE_TRY(take(field.key, {source_, Source::handle(field.value), std::move(path)}));
  }
  return {};
}

std::string JsonValue::to_json() const {
  return handle_ ? simdjson::to_string(Source::element(*handle_)) : std::string();
}

Error JsonValue::must_be(std::string_view expected) const {
  const std::string_view context = source_ == nullptr ? std::string_view() : source_->context;
  const std::string_view found = type() == JsonType::kNumber && !as_number() ? "another number" : name_of(type());
  if (path_.empty()) {
    return in_context({ErrorCode::kInvalidData, "expected " + std::string(expected) + ", got " + std::string(found)},
                      context);
  }
  const JsonFieldError words = source_ == nullptr ? default_json_error : source_->field_error;
  return {ErrorCode::kInvalidData, words(context, path_, expected, found)};
}

void JsonDocument::Delete::operator()(JsonValue::Source* source) const {
  delete source;  // NOLINT(cppcoreguidelines-owning-memory)
}

Result<JsonDocument> JsonDocument::parse(std::string_view json, const JsonRules& rules) {
  json = without_byte_order_mark(json.data() == nullptr ? "" : json);  // simdjson copies from where it points
  if (const Status bounded = check_bounds(json, rules); !bounded) {
    return in_context(bounded.error(), rules.context);
  }
  JsonDocument document;
  document.source_.reset(new JsonValue::Source(rules));
  dom::element root;
  const simdjson::error_code error = document.source_->parser.parse(json.data(), json.size()).get(root);
  if (error == simdjson::MEMALLOC) {
    return in_context({ErrorCode::kExhausted, "no memory for a JSON text of " + std::to_string(json.size()) + " bytes"},
                      rules.context);
  }
  if (error != simdjson::SUCCESS) {
    return in_context({ErrorCode::kInvalidData, "expected JSON, got " + std::to_string(json.size()) +
                                                    " bytes that are not: " + simdjson::error_message(error)},
                      rules.context);
  }
  document.root_ = JsonValue(document.source_.get(), JsonValue::Source::handle(root), {});
  return document;
}

Result<JsonDocument> JsonDocument::parse_object(std::string_view json, const JsonRules& rules) {
  FACEPIPE_ASSIGN(JsonDocument document, parse(json, rules));
  FACEPIPE_TRY(document.root_.check_object());
  return document;
}

}  // namespace facepipe
