// Tested by ini_test.cc.
#include "aws/credentials/ini.h"

#include <algorithm>

#include "aws/signing/text.h"
#include "base/text.h"

namespace facepipe::aws {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

bool is_blank(char c) {
  return c == ' ' || c == '\t';
}

// "a  #b" -> "a": a comment needs a blank before it, so that values may hold both characters.
std::string_view without_comment(std::string_view value) {
  for (std::size_t i = 1; i < value.size(); ++i) {
    if ((value[i] == '#' || value[i] == ';') && is_blank(value[i - 1])) {
      return trimmed(value.substr(0, i));
    }
  }
  return value;
}

std::string one_space(std::string_view title) {
  std::string out;
  for (const char c : trimmed(title)) {
    if (!is_blank(c)) {
      out.push_back(c);
    } else if (out.back() != ' ') {
      out.push_back(' ');
    }
  }
  return out;
}

class Reader {
 public:
  explicit Reader(std::string_view what) : what_(what) {}

  Status line(std::string_view text) {
    ++number_;
    const bool indented = !text.empty() && is_blank(text.front());
    text = trimmed(text);
    if (text.empty() || text.front() == '#' || text.front() == ';') {
      return {};
    }
    if (text.front() == '[' && !indented) {
      return begin_section(text);
    }
    if (section_ == nullptr) {
      return bad("a section ([...]) before any setting");
    }
    return indented && !key_.empty() ? go_on(text) : setting(text, "");
  }

  [[nodiscard]] Ini take() && { return std::move(ini_); }

 private:
  [[nodiscard]] Error bad(std::string_view expected) const {
    return Error{ErrorCode::kInvalidData,
                 std::string(what_) + ": line " + std::to_string(number_) + ": expected " + std::string(expected)};
  }

  Status begin_section(std::string_view text) {
    const std::size_t end = text.find(']');
    const std::string title = end == std::string_view::npos ? std::string() : one_space(text.substr(1, end - 1));
    if (title.empty()) {
      return bad("a section's title between [ and ]");
    }
    section_ = &ini_[title];
    key_.clear();
    return {};
  }

  // `parent` is empty or ends in a dot.
  Status setting(std::string_view text, const std::string& parent) {
    const std::size_t equals = text.find('=');
    const std::string key = lower(trimmed(text.substr(0, equals)));
    if (equals == std::string_view::npos || key.empty()) {
      return bad("NAME = VALUE");
    }
    (*section_)[parent + key] = without_comment(trimmed(text.substr(equals + 1)));
    if (parent.empty()) {
      key_ = key;
    }
    return {};
  }

  Status go_on(std::string_view text) {
    std::string& value = (*section_)[key_];
    if (value.empty()) {
      return setting(text, key_ + ".");
    }
    value.append("\n").append(text);
    return {};
  }

  std::string_view what_;
  int number_ = 0;
  Ini ini_;
  IniSection* section_ = nullptr;  // null before the first
  std::string key_;                // the setting that an indented line belongs to
};

}  // namespace

Result<Ini> parse_ini(std::string_view text, std::string_view what) {
  if (text.starts_with(kByteOrderMark)) {
    text.remove_prefix(kByteOrderMark.size());
  }
  Reader reader(what);
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    FACEPIPE_TRY(reader.line(text.substr(0, end)));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return std::move(reader).take();
}

}  // namespace facepipe::aws
