// Tested by json_writer_test.cc.
#include "base/json_writer.h"

#include <array>
#include <charconv>
#include <cmath>
#include <utility>

#include "base/base64.h"
#include "base/check.h"
#include "base/hex.h"
#include "base/printable.h"

namespace facepipe {
namespace {

void append_unicode_escape(std::string& out, unsigned code) {
  out.append("\\u");
  append_hex(out, code, 4);
}

// Code points past ASCII that are escaped: U+0080 to U+009F, to some terminals the same as an escape sequence's
// beginning; U+FFFE and U+FFFF, which a queue's message must not hold as they are. 0 for every other character.
unsigned escaped_code(std::string_view character) {
  if (character.size() == 2 && character[0] == '\xC2' && static_cast<unsigned char>(character[1]) < 0xA0) {
    return static_cast<unsigned char>(character[1]);
  }
  if (character == "\xEF\xBF\xBE" || character == "\xEF\xBF\xBF") {
    return character[2] == '\xBE' ? 0xFFFE : 0xFFFF;
  }
  return 0;
}

void append_escaped(std::string& out, std::string_view value) {
  out.push_back('"');
  std::size_t plain = 0;  // start of the run not yet copied
  std::size_t i = 0;
  const auto flush = [&] { out.append(value.substr(plain, i - plain)); };
  while (i < value.size()) {
    i += plain_length(value.substr(i));
    if (i == value.size()) {
      break;
    }
    const auto c = static_cast<unsigned char>(value[i]);
    if (c >= 0x80) {
      const std::size_t length = utf8_length(value, i);
      const unsigned escaped = escaped_code(value.substr(i, length));
      if (length > 0 && escaped == 0) {
        i += length;
        continue;
      }
      flush();
      if (length > 0) {
        append_unicode_escape(out, escaped);
        i += length - 1;
      } else {
        out.append("\xEF\xBF\xBD");
      }
    } else {
      flush();
      switch (c) {
        case '"':
          out.append("\\\"");
          break;
        case '\\':
          out.append("\\\\");
          break;
        case '\n':
          out.append("\\n");
          break;
        case '\r':
          out.append("\\r");
          break;
        case '\t':
          out.append("\\t");
          break;
        default:
          append_unicode_escape(out, c);
      }
    }
    plain = ++i;
  }
  flush();
  out.push_back('"');
}

template <typename T>
std::string shortest(T value) {
  if (!std::isfinite(value)) {
    return "null";
  }
  std::array<char, 40> buffer{};
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value).ptr;
  return {buffer.data(), end};
}

}  // namespace

void JsonWriter::before_value() {
  if (after_key_) {
    after_key_ = false;
    return;
  }
  if (!has_items_.empty()) {
    if (has_items_.back()) {
      text_.push_back(',');
    }
    has_items_.back() = true;
  }
}

JsonWriter& JsonWriter::begin(char bracket) {
  before_value();
  text_.push_back(bracket);
  has_items_.push_back(false);
  return *this;
}

JsonWriter& JsonWriter::end(char bracket) {
  FACEPIPE_CHECK(!has_items_.empty() && !after_key_);
  has_items_.pop_back();
  text_.push_back(bracket);
  return *this;
}

JsonWriter& JsonWriter::key(std::string_view name) {
  FACEPIPE_CHECK(!has_items_.empty() && !after_key_);
  before_value();
  append_escaped(text_, name);
  text_.push_back(':');
  after_key_ = true;
  return *this;
}

JsonWriter& JsonWriter::string(std::string_view value) {
  before_value();
  append_escaped(text_, value);
  return *this;
}

JsonWriter& JsonWriter::base64(ByteView bytes) {
  before_value();
  constexpr std::size_t kRest = 512;  // a picture is the most of a message: what stands around it fits beside it
  text_.reserve(text_.size() + base64_size(bytes.size()) + kRest);
  text_.push_back('"');
  append_base64(text_, bytes);
  text_.push_back('"');
  return *this;
}

JsonWriter& JsonWriter::integer(std::int64_t value) {
  before_value();
  text_.append(std::to_string(value));
  return *this;
}

JsonWriter& JsonWriter::number(float value) {
  return raw(shortest(value));
}

JsonWriter& JsonWriter::number(double value) {
  return raw(shortest(value));
}

JsonWriter& JsonWriter::raw(std::string_view json) {
  before_value();
  text_.append(json);
  return *this;
}

std::string JsonWriter::text() && {
  FACEPIPE_CHECK(has_items_.empty() && !after_key_ && !text_.empty());
  return std::move(text_);
}

std::string json_quote(std::string_view value) {
  std::string text;
  append_escaped(text, value);
  return text;
}

std::string json_error_body(std::string_view message, std::string_view name, std::string_view value) {
  JsonWriter json;
  json.begin_object().key("error").string(message);
  if (!name.empty()) {
    json.key(name).string(value);
  }
  json.end_object();
  return std::move(json).text();
}

}  // namespace facepipe
