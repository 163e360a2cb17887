// Builds one JSON text (RFC 8259). json_reader.h reads them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"

namespace facepipe {

// Usage: JsonWriter w; w.begin_object().key("name").string("x").end_object(); std::move(w).text()
// Commas are placed by the writer. Calls in an order that makes no JSON are a bug (FACEPIPE_CHECK).
class JsonWriter {
 public:
  JsonWriter& begin_object() { return begin('{'); }
  JsonWriter& end_object() { return end('}'); }
  JsonWriter& begin_array() { return begin('['); }
  JsonWriter& end_array() { return end(']'); }
  JsonWriter& key(std::string_view name);
  // Escaped, also controls past ASCII, and U+FFFE and U+FFFF, which queues refuse; bytes that are not UTF-8 become
  // U+FFFD, so that the text is always valid JSON.
  JsonWriter& string(std::string_view value);
  // The bytes as a string of Base64.
  JsonWriter& base64(ByteView bytes);
  JsonWriter& integer(std::int64_t value);
  // The shortest decimal that reads back as the same float or double; NaN and infinities become null.
  JsonWriter& number(float value);
  JsonWriter& number(double value);
  JsonWriter& boolean(bool value) { return raw(value ? "true" : "false"); }
  JsonWriter& null() { return raw("null"); }
  // `json` is placed as it is: it must be a complete JSON value.
  JsonWriter& raw(std::string_view json);

  [[nodiscard]] std::string text() &&;

 private:
  JsonWriter& begin(char bracket);
  JsonWriter& end(char bracket);
  void before_value();
  std::string text_;
  std::vector<bool> has_items_;  // per open object or array
  bool after_key_ = false;
};

// `value` as a JSON string with its quotes, escaped as JsonWriter::string does.
[[nodiscard]] std::string json_quote(std::string_view value);

// {"error":"MESSAGE"}: how a refusal is told to a program; with {"NAME":"VALUE"} behind it where a name is given.
[[nodiscard]] std::string json_error_body(std::string_view message, std::string_view name = {},
                                          std::string_view value = {});

}  // namespace facepipe
