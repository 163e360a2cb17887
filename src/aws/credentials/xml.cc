// Tested by xml_test.cc.
#include "aws/credentials/xml.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

#include "base/text.h"

namespace facepipe::aws {
namespace {

constexpr std::size_t kMaxXmlBytes = std::size_t{64} << 10U;
constexpr std::size_t kMaxDepth = 16;
constexpr std::size_t kMaxLeaves = 256;
constexpr std::string_view kBlanks = " \t\r\n";
constexpr std::string_view kDeclaration = "<?xml ";

bool is_name_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' ||
         c == '.' || c == ':';
}

void append_utf8(std::string& out, std::uint32_t code) {
  const auto tail = [&](unsigned shift) { out.push_back(static_cast<char>(0x80U | ((code >> shift) & 0x3FU))); };
  if (code < 0x80U) {
    out.push_back(static_cast<char>(code));
  } else if (code < 0x800U) {
    out.push_back(static_cast<char>(0xC0U | (code >> 6U)));
    tail(0);
  } else if (code < 0x10000U) {
    out.push_back(static_cast<char>(0xE0U | (code >> 12U)));
    tail(6);
    tail(0);
  } else {
    out.push_back(static_cast<char>(0xF0U | (code >> 18U)));
    tail(12);
    tail(6);
    tail(0);
  }
}

// Appends what the entity between "&" and ";" stands for; false for one that does not exist.
bool append_entity(std::string& out, std::string_view name) {
  constexpr std::array<std::pair<std::string_view, char>, 5> kNamed = {
      {{"amp", '&'}, {"lt", '<'}, {"gt", '>'}, {"quot", '"'}, {"apos", '\''}}};
  for (const auto& [known, character] : kNamed) {
    if (name == known) {
      out.push_back(character);
      return true;
    }
  }
  if (!name.starts_with('#')) {
    return false;
  }
  name.remove_prefix(1);
  const bool hexadecimal = name.starts_with('x');
  name.remove_prefix(hexadecimal ? 1 : 0);
  const std::uint32_t code = parse_number<std::uint32_t>(name, hexadecimal ? 16 : 10).value_or(0);
  const bool surrogate = code >= 0xD800U && code <= 0xDFFFU;
  if (code == 0 || code > 0x10FFFFU || surrogate) {
    return false;
  }
  append_utf8(out, code);
  return true;
}

class Parser {
 public:
  explicit Parser(std::string_view xml) : rest_(xml) {}

  // Null: well-formed. Otherwise what is wrong.
  std::optional<std::string_view> run() {
    skip_blanks();
    if (rest_.starts_with(kDeclaration)) {
      const std::size_t end = rest_.find("?>");
      if (end == std::string_view::npos) {
        return "an XML declaration without an end";
      }
      rest_.remove_prefix(end + 2);
      skip_blanks();
    }
    do {
      if (const auto wrong = step()) {
        return wrong;
      }
    } while (!open_.empty());
    skip_blanks();
    return rest_.empty() ? std::nullopt : std::optional<std::string_view>("something after the last element");
  }

  [[nodiscard]] XmlLeaves take() && { return std::move(leaves_); }

 private:
  struct Element {
    std::string_view name;
    std::string text;
    bool has_children = false;
  };

  void skip_blanks() { rest_.remove_prefix(std::min(rest_.find_first_not_of(kBlanks), rest_.size())); }

  std::string_view take_name() {
    const auto end = std::find_if_not(rest_.begin(), rest_.end(), is_name_character);
    const std::string_view name = rest_.substr(0, static_cast<std::size_t>(end - rest_.begin()));
    rest_.remove_prefix(name.size());
    return name;
  }

  // One tag, with the text before it.
  std::optional<std::string_view> step() {
    if (const auto wrong = text()) {
      return wrong;
    }
    if (!rest_.starts_with('<')) {
      return "no element, or one without an end";
    }
    rest_.remove_prefix(1);
    if (rest_.starts_with('/')) {
      return end_tag();
    }
    return start_tag();
  }

  std::optional<std::string_view> text() {
    while (!rest_.empty() && rest_.front() != '<') {
      if (open_.empty()) {
        return "text outside of the elements";
      }
      std::string& out = open_.back().text;
      if (rest_.front() != '&') {
        const std::size_t end = std::min(rest_.find_first_of("<&"), rest_.size());
        out.append(rest_.substr(0, end));
        rest_.remove_prefix(end);
        continue;
      }
      const std::size_t end = rest_.find(';');
      if (end == std::string_view::npos || !append_entity(out, rest_.substr(1, end - 1))) {
        return "an entity that does not exist";
      }
      rest_.remove_prefix(end + 1);
    }
    return std::nullopt;
  }

  std::optional<std::string_view> start_tag() {
    const std::string_view name = take_name();
    if (name.empty()) {
      return "a tag without a name, or something that is no tag";
    }
    if (open_.size() == kMaxDepth) {
      return "elements nested too deeply";
    }
    if (!open_.empty()) {
      open_.back().has_children = true;
    }
    open_.push_back({name, {}, false});
    if (!skip_attributes()) {
      return "a tag that is not well-formed";
    }
    const bool empty = rest_.starts_with('/');
    rest_.remove_prefix(empty ? 1 : 0);
    if (!rest_.starts_with('>')) {
      return "a tag that is not well-formed";
    }
    rest_.remove_prefix(1);
    return empty ? close() : std::nullopt;
  }

  bool skip_attributes() {
    while (true) {
      const std::size_t before = rest_.size();
      skip_blanks();
      if (rest_.starts_with('>') || rest_.starts_with('/')) {
        return true;
      }
      if (rest_.size() == before || take_name().empty()) {
        return false;
      }
      if (!rest_.starts_with("=\"") && !rest_.starts_with("='")) {
        return false;
      }
      const std::size_t end = rest_.find(rest_[1], 2);
      if (end == std::string_view::npos) {
        return false;
      }
      rest_.remove_prefix(end + 1);
    }
  }

  std::optional<std::string_view> end_tag() {
    rest_.remove_prefix(1);
    const std::string_view name = take_name();
    skip_blanks();
    if (open_.empty() || name != open_.back().name || !rest_.starts_with('>')) {
      return "an end tag without its start tag";
    }
    rest_.remove_prefix(1);
    return close();
  }

  std::optional<std::string_view> close() {
    Element& element = open_.back();
    if (!element.has_children) {
      std::string path;
      for (const Element& each : open_) {
        path.append(path.empty() ? "" : "/").append(each.name);
      }
      if (leaves_.size() == kMaxLeaves) {
        return "too many elements";
      }
      leaves_.emplace(std::move(path), std::move(element.text));
    } else if (!trimmed(element.text).empty()) {
      return "text beside elements";
    }
    open_.pop_back();
    return std::nullopt;
  }

  std::string_view rest_;
  std::vector<Element> open_;  // from the root to the element being read
  XmlLeaves leaves_;
};

}  // namespace

Result<XmlLeaves> parse_xml(std::string_view xml, std::string_view what) {
  const auto refuse = [&](std::string_view why) {
    return Error{ErrorCode::kInvalidData, std::string(what) + ": expected XML, got " + std::string(why)};
  };
  if (xml.size() > kMaxXmlBytes) {
    return refuse("more than " + std::to_string(kMaxXmlBytes) + " bytes");
  }
  Parser parser(xml);
  if (const auto wrong = parser.run()) {
    return refuse(*wrong);
  }
  return std::move(parser).take();
}

}  // namespace facepipe::aws
