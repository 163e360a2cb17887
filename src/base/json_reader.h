// Reads one JSON text (RFC 8259) field by field; errors name the field, what was expected and what came. By simdjson,
// which json_reader.cc alone sees.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <limits>
#include <memory>

#include "base/result.h"

namespace facepipe {

enum class JsonType { kAbsent, kNull, kBoolean, kNumber, kString, kArray, kObject };

// The words of an error about a field ("preprocessing.mode", "sources[0]"). `found` is "a number", "nothing" and so on:
// types alone, never a value.
using JsonFieldError = std::string (*)(std::string_view context, std::string_view path, std::string_view expected,
                                       std::string_view found);
// "CONTEXT: field 'PATH' must be EXPECTED, got FOUND"
[[nodiscard]] std::string default_json_error(std::string_view context, std::string_view path, std::string_view expected,
                                             std::string_view found);

struct JsonRules {
  std::string_view context = {};  // what the text is ("manifest"): errors begin with it. Empty: nothing before them
  std::size_t max_bytes = std::size_t{1} << 30U;
  // Of the bytes outside strings, white space left out, and of the strings, each of which counts as one. Every one may
  // cost the reader twelve bytes, so that a text of commas would become many times its size.
  std::size_t max_structure = std::numeric_limits<std::size_t>::max();
  std::size_t max_depth = 1'024;  // objects and arrays inside each other; more is refused in any case
  JsonFieldError field_error = default_json_error;
};

// One value of a document, or the absence of one. Cheap to copy; valid as long as its document, as are the texts that
// it gives. Thread-safe.
class JsonValue {
 public:
  JsonValue() = default;
  [[nodiscard]] JsonType type() const;
  // There, and not null.
  explicit operator bool() const { return type() != JsonType::kAbsent && type() != JsonType::kNull; }
  [[nodiscard]] const std::string& path() const { return path_; }

  // An object's field: the last one of that name, as Python's json has it; absent where there is none, or no object.
  JsonValue operator[](std::string_view name) const;
  // Fields of an object (repeated ones too), items of an array (counted to 16,777,215); 0 of anything else.
  [[nodiscard]] std::size_t size() const;

  // The value if it is of that type, else nullopt.
  [[nodiscard]] std::optional<std::string_view> as_string() const;
  [[nodiscard]] std::optional<std::int64_t> as_integer() const;  // written without point or exponent, in 64 bits
  [[nodiscard]] std::optional<double> as_number() const;
  [[nodiscard]] std::optional<bool> as_boolean() const;

  // The same, or must_be(): of a value that has to be there.
  [[nodiscard]] Result<std::string_view> string(std::string_view expected = "a string") const;  // maybe empty
  [[nodiscard]] Result<std::string_view> text(std::string_view expected = "a text that is not empty") const;
  [[nodiscard]] Result<std::int64_t> integer(std::int64_t low, std::int64_t high) const;
  [[nodiscard]] Result<bool> boolean() const;
  // The place of the text among `names`; must_be("A, B or C") of anything else.
  [[nodiscard]] Result<std::size_t> one_of(std::initializer_list<std::string_view> names) const;
  // Of a value that may be absent or null: empty, then.
  [[nodiscard]] Result<std::string_view> string_or_empty(std::string_view expected = "a string") const;
  // kInvalidData unless it is an object.
  [[nodiscard]] Status check_object() const;

  // Calls `take` for every item of an array, every field of an object, in order, until it fails; must_be() of anything
  // else.
  Status each_item(const std::function<Status(const JsonValue& item)>& take) const;
  Status each_field(const std::function<Status(std::string_view name, const JsonValue& value)>& take) const;

  // The value as JSON text.
  [[nodiscard]] std::string to_json() const;
  // kInvalidData, in the words of JsonRules::field_error; of the whole document "CONTEXT: expected EXPECTED, got
  // FOUND".
  [[nodiscard]] Error must_be(std::string_view expected) const;

 private:
  friend class JsonDocument;
  struct Source;                                 // what the document's values share
  using Handle = std::array<std::uintptr_t, 2>;  // simdjson's own, which this header does not name
  JsonValue(const Source* source, std::optional<Handle> handle, std::string path)
      : source_(source), handle_(handle), path_(std::move(path)) {}

  const Source* source_ = nullptr;
  std::optional<Handle> handle_;
  std::string path_;
};

// Owns what its values point into. Movable.
class JsonDocument {
 public:
  // Any JSON value, a byte order mark before it or not. kTooLarge past a bound of `rules`; kExhausted: no memory;
  // kInvalidData for what is no JSON: "CONTEXT: expected JSON, got N bytes that are not: ...". Quotes nothing of it.
  [[nodiscard]] static Result<JsonDocument> parse(std::string_view json, const JsonRules& rules);
  // The same, and the value must be an object.
  [[nodiscard]] static Result<JsonDocument> parse_object(std::string_view json, const JsonRules& rules);

  [[nodiscard]] const JsonValue& root() const { return root_; }
  JsonValue operator[](std::string_view name) const { return root_[name]; }

 private:
  struct Delete {
    void operator()(JsonValue::Source* source) const;
  };
  JsonDocument() = default;
  std::unique_ptr<JsonValue::Source, Delete> source_;
  JsonValue root_;
};

}  // namespace facepipe
