// Tested by fields_test.cc.
#include "serve/api/fields.h"

#include <algorithm>

#include "base/text.h"
#include "base/time_text.h"
#include "http/message.h"

namespace facepipe::serve {
namespace {

constexpr std::string_view kNoBound = "null";

std::string expected_words(const Field& field) {
  switch (field.kind) {
    case Field::Kind::kText:
      return "UTF-8 text of " + std::to_string(field.low) + " to " + std::to_string(field.high) + " characters";
    case Field::Kind::kId:
      return "an id (16 lower-case hexadecimal characters)";
    case Field::Kind::kIds:
      return "a list of 1 to " + std::to_string(field.high) + " ids (16 lower-case hexadecimal characters each)";
    case Field::Kind::kInteger:
      return "a whole number of " + std::to_string(field.low) + " to " + std::to_string(field.high);
    case Field::Kind::kShare:
      return "a number between 0 and 1";
    case Field::Kind::kPart:
      return "a number of at least 0 and below 1";
    case Field::Kind::kAmount:
      return "null or a whole number of " + std::to_string(field.low) + " to " + std::to_string(field.high);
    case Field::Kind::kObject:
      return "an object";
    case Field::Kind::kBoolean:
      return "true or false";
    case Field::Kind::kTime:
      return "a time as 2026-01-02T03:04:05Z";
    case Field::Kind::kChoice: {
      std::string words = "one of ";
      for (const std::string& choice : field.choices) {
        words += (&choice == field.choices.data() ? "" : ", ") + choice;
      }
      return words;
    }
  }
  return {};
}

Error must_be(const Field& field) {
  return Error{ErrorCode::kInvalidData, "\"" + field.name + "\": expected " + expected_words(field)};
}

// Of UTF-8: bytes that begin one.
std::int64_t characters(std::string_view text) {
  return std::count_if(text.begin(), text.end(),
                       [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; });
}

bool is_good(const Field& field, std::string_view text) {
  switch (field.kind) {
    case Field::Kind::kText:
      return is_utf8(text) && characters(text) >= field.low && characters(text) <= field.high;
    case Field::Kind::kId:
    case Field::Kind::kIds:
      return parse_id(text).has_value();
    case Field::Kind::kInteger: {
      const auto value = parse_number<std::int64_t>(text);
      return value && *value >= field.low && *value <= field.high;
    }
    case Field::Kind::kShare: {
      const auto value = parse_number<double>(text);
      return value && *value > 0 && *value < 1;
    }
    case Field::Kind::kPart: {
      const auto value = parse_number<double>(text);
      return value && *value >= 0 && *value < 1;
    }
    case Field::Kind::kAmount: {
      const auto value = parse_number<std::int64_t>(text);
      return text == kNoBound || (value && *value >= field.low && *value <= field.high);
    }
    case Field::Kind::kObject:
      return false;
    case Field::Kind::kBoolean:
      return text == "true" || text == "false";
    case Field::Kind::kTime:
      return parse_iso_time(text).has_value();
    case Field::Kind::kChoice:
      return std::find(field.choices.begin(), field.choices.end(), text) != field.choices.end();
  }
  return false;
}

// A JSON value as the text that a query would have; nothing for another type.
std::optional<std::string> text_of(const Field& field, const JsonValue& value) {
  switch (field.kind) {
    case Field::Kind::kInteger: {
      const auto integer = value.as_integer();
      return integer ? std::optional(std::to_string(*integer)) : std::nullopt;
    }
    case Field::Kind::kAmount: {
      const auto integer = value.as_integer();
      return integer                           ? std::optional(std::to_string(*integer))
             : value.type() == JsonType::kNull ? std::optional(std::string(kNoBound))
                                               : std::nullopt;
    }
    case Field::Kind::kShare:
    case Field::Kind::kPart:
      return value.type() == JsonType::kNumber ? std::optional(value.to_json()) : std::nullopt;
    case Field::Kind::kBoolean: {
      const auto boolean = value.as_boolean();
      return boolean ? std::optional<std::string>(*boolean ? "true" : "false") : std::nullopt;
    }
    default: {
      const auto text = value.as_string();
      return text ? std::optional(std::string(*text)) : std::nullopt;
    }
  }
}

const Field* find_field(const std::vector<Field>& fields, std::string_view name) {
  const auto found =
      std::find_if(fields.begin(), fields.end(), [name](const Field& field) { return field.name == name; });
  return found == fields.end() ? nullptr : &*found;
}

Error unknown_field(const std::vector<Field>& fields, std::string_view what) {
  std::string names;
  for (const Field& field : fields) {
    names += (names.empty() ? "" : ", ") + field.name;
  }
  return Error{ErrorCode::kInvalidData, names.empty() ? "expected no " + std::string(what) + ", got one"
                                                      : "expected as " + std::string(what) + " only: " + names};
}

Status check_required(const std::vector<Field>& fields, const Values& values) {
  for (const Field& field : fields) {
    if (field.required && !values.has(field.name)) {
      return Error{ErrorCode::kInvalidData,
                   "\"" + field.name + "\": expected " + expected_words(field) + ", got nothing"};
    }
  }
  return {};
}

Result<std::vector<std::string>> read_ids(const Field& field, const JsonValue& value) {
  if (value.type() != JsonType::kArray || value.size() < 1 || value.size() > static_cast<std::size_t>(field.high)) {
    return must_be(field);
  }
  std::vector<std::string> ids;
  FACEPIPE_TRY(value.each_item([&](const JsonValue& item) -> Status {
    const auto text = item.as_string();
    if (!text || !is_good(field, *text)) {
      return must_be(field);
    }
    ids.emplace_back(*text);
    return {};
  }));
  return ids;
}

// What an object holds, under names with `prefix` before them.
Status read_object(const std::vector<Field>& fields, const std::string& prefix, const JsonValue& object,
                   Values& values) {
  return object.each_field([&](std::string_view name, const JsonValue& value) -> Status {
    const Field* const field = find_field(fields, name);
    if (field == nullptr) {
      return unknown_field(fields, "fields");
    }
    const std::string full = prefix + field->name;
    if (values.has(full)) {
      return Error{ErrorCode::kInvalidData, "\"" + field->name + "\": expected once, got twice"};
    }
    if (field->kind == Field::Kind::kObject) {
      if (value.type() != JsonType::kObject) {
        return must_be(*field);
      }
      values.set(full, {""});
      return read_object(field->fields, full + ".", value, values);
    }
    if (field->kind == Field::Kind::kIds) {
      FACEPIPE_ASSIGN(std::vector<std::string> ids, read_ids(*field, value));
      values.set(full, std::move(ids));
      return {};
    }
    auto text = text_of(*field, value);
    if (!text || !is_good(*field, *text)) {
      return must_be(*field);
    }
    values.set(full, {*std::move(text)});
    return {};
  });
}

}  // namespace

std::string schema_of(const Field& field) {
  JsonWriter json;
  json.begin_object();
  switch (field.kind) {
    case Field::Kind::kText:
      json.key("type").string("string").key("minLength").integer(field.low).key("maxLength").integer(field.high);
      break;
    case Field::Kind::kId:
      json.key("type").string("string").key("pattern").string("^[0-9a-f]{16}$");
      break;
    case Field::Kind::kIds:
      json.key("type").string("array").key("minItems").integer(1).key("maxItems").integer(field.high);
      json.key("items").raw(R"({"type":"string","pattern":"^[0-9a-f]{16}$"})");
      break;
    case Field::Kind::kInteger:
      json.key("type").string("integer").key("minimum").integer(field.low).key("maximum").integer(field.high);
      break;
    case Field::Kind::kShare:
      json.key("type").string("number").key("exclusiveMinimum").integer(0).key("exclusiveMaximum").integer(1);
      break;
    case Field::Kind::kPart:
      json.key("type").string("number").key("minimum").integer(0).key("exclusiveMaximum").integer(1);
      break;
    case Field::Kind::kAmount:
      json.key("type")
          .raw(R"(["integer","null"])")
          .key("minimum")
          .integer(field.low)
          .key("maximum")
          .integer(field.high);
      break;
    case Field::Kind::kObject:
      return object_schema(field.fields);
    case Field::Kind::kBoolean:
      json.key("type").string("boolean");
      break;
    case Field::Kind::kTime:
      json.key("type").string("string").key("format").string("date-time");
      break;
    case Field::Kind::kChoice:
      json.key("type").string("string").key("enum").begin_array();
      for (const std::string& choice : field.choices) {
        json.string(choice);
      }
      json.end_array();
      break;
  }
  if (!field.about.empty()) {
    json.key("description").string(field.about);
  }
  json.end_object();
  return std::move(json).text();
}

std::string object_schema(const std::vector<Field>& fields) {
  JsonWriter json;
  json.begin_object().key("type").string("object").key("properties").begin_object();
  for (const Field& field : fields) {
    json.key(field.name).raw(schema_of(field));
  }
  json.end_object();
  if (std::any_of(fields.begin(), fields.end(), [](const Field& field) { return field.required; })) {
    json.key("required").begin_array();
    for (const Field& field : fields) {
      if (field.required) {
        json.string(field.name);
      }
    }
    json.end_array();
  }
  json.key("additionalProperties").boolean(false).end_object();
  return std::move(json).text();
}

const std::vector<std::string>& Values::list_of(std::string_view name) const {
  static const std::vector<std::string> kNone;
  const auto found = values_.find(std::string(name));
  return found == values_.end() ? kNone : found->second;
}

const std::string& Values::text(std::string_view name) const {
  static const std::string kNone;
  const auto& list = list_of(name);
  return list.empty() ? kNone : list.front();
}

std::optional<std::string> Values::optional_text(std::string_view name) const {
  return has(name) ? std::optional(text(name)) : std::nullopt;
}

std::int64_t Values::integer(std::string_view name, std::int64_t otherwise) const {
  return parse_number<std::int64_t>(text(name)).value_or(otherwise);
}

std::optional<double> Values::number(std::string_view name) const {
  return parse_number<double>(text(name));
}

std::optional<std::int64_t> Values::amount(std::string_view name) const {
  return parse_number<std::int64_t>(text(name));
}

std::optional<bool> Values::boolean(std::string_view name) const {
  return has(name) ? std::optional(text(name) == "true") : std::nullopt;
}

std::optional<Clock::TimePoint> Values::time(std::string_view name) const {
  auto time = parse_iso_time(text(name));
  return time ? std::optional(*time) : std::nullopt;
}

Result<Values> read_query(const std::vector<Field>& fields, std::string_view target) {
  return read_pairs(fields, http::query_pairs(target));
}

Result<Values> read_pairs(const std::vector<Field>& fields, std::vector<std::pair<std::string, std::string>> pairs) {
  Values values;
  for (auto& [name, value] : pairs) {
    const Field* const field = find_field(fields, name);
    if (field == nullptr) {
      return unknown_field(fields, "query parameters");
    }
    if (values.has(name)) {
      return Error{ErrorCode::kInvalidData, "\"" + field->name + "\": expected once, got twice"};
    }
    if (!is_good(*field, value)) {
      return must_be(*field);
    }
    values.set(name, {std::move(value)});
  }
  FACEPIPE_TRY(check_required(fields, values));
  return values;
}

Result<Values> read_path(const std::vector<Field>& fields, const std::vector<std::string>& found) {
  Values values;
  for (std::size_t i = 0; i < fields.size() && i < found.size(); ++i) {
    if (!is_good(fields[i], found[i])) {
      return must_be(fields[i]);
    }
    values.set(fields[i].name, {found[i]});
  }
  return values;
}

Result<Values> read_json(const std::vector<Field>& fields, std::string_view body, std::size_t max_bytes) {
  FACEPIPE_ASSIGN(const JsonDocument document,
                  JsonDocument::parse_object(body, {.context = "the body", .max_bytes = max_bytes, .max_depth = 8}));
  Values values;
  FACEPIPE_TRY(read_object(fields, "", document.root(), values));
  FACEPIPE_TRY(check_required(fields, values));
  return values;
}

}  // namespace facepipe::serve
