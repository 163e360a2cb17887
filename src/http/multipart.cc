// Tested by multipart_test.cc; fuzzed by frame_request_fuzz.cc.
#include "http/multipart.h"

#include <algorithm>
#include <cstring>

#include "base/text.h"

namespace facepipe::http {
namespace {

constexpr std::string_view kBlanks = " \t";
constexpr std::string_view kDashes = "--";
constexpr std::string_view kMultipart = "multipart/";

Error bad_form(std::string_view why) {
  return Error{ErrorCode::kInvalidData, "form: " + std::string(why)};
}

// The next line without its end, taken off `text`; nullopt if no line ends in it.
std::optional<std::string_view> take_line(std::string_view& text) {
  const std::size_t end = text.find('\n');
  if (end == std::string_view::npos) {
    return std::nullopt;
  }
  std::string_view line = text.substr(0, end);
  text.remove_prefix(end + 1);
  if (line.ends_with('\r')) {
    line.remove_suffix(1);
  }
  return line;
}

// A quoted value's text, taken off `rest` with its quotes. A backslash counts before a quote or another one only:
// paths of Windows come unescaped.
std::string take_quoted(std::string_view& rest) {
  std::string value;
  std::size_t i = 1;
  for (; i < rest.size() && rest[i] != '"'; ++i) {
    if (rest[i] == '\\' && i + 1 < rest.size() && (rest[i + 1] == '"' || rest[i + 1] == '\\')) {
      ++i;
    }
    value.push_back(rest[i]);
  }
  rest.remove_prefix(std::min(i + 1, rest.size()));
  return value;
}

// The parameter `name` (lower-case) of a header's value: `form-data; name="a"; filename=b`.
std::optional<std::string> parameter(std::string_view value, std::string_view name) {
  std::size_t next = value.find(';');
  while (next != std::string_view::npos) {
    value.remove_prefix(next + 1);
    const std::size_t end = std::min(value.find_first_of("=;"), value.size());
    const std::string found = lower(trimmed(value.substr(0, end), kBlanks));
    std::string text;
    if (end < value.size() && value[end] == '=') {
      value = value.substr(end + 1);
      value.remove_prefix(std::min(value.find_first_not_of(" \t"), value.size()));
      text =
          value.starts_with('"') ? take_quoted(value) : std::string(trimmed(value.substr(0, value.find(';')), kBlanks));
    }
    if (found == name) {
      return text;
    }
    next = value.find(';');
  }
  return std::nullopt;
}

bool is_boundary(std::string_view text) {
  return !text.empty() && text.size() <= kMaxBoundaryBytes &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c <= '~'; });
}

// The boundary that the body itself begins with, and what follows its line.
std::optional<std::string_view> boundary_of_body(std::string_view& body) {
  body.remove_prefix(std::min(body.find_first_not_of("\r\n"), body.size()));
  if (!body.starts_with(kDashes)) {
    return std::nullopt;
  }
  std::string_view head = body.substr(0, kDashes.size() + 2 * kMaxBoundaryBytes);
  auto line = take_line(head);
  if (!line) {
    return std::nullopt;
  }
  body.remove_prefix(static_cast<std::size_t>(head.data() - body.data()));
  line->remove_prefix(kDashes.size());
  const std::string_view boundary = line->substr(0, line->find_last_not_of(" \t") + 1);
  return is_boundary(boundary) ? std::optional(boundary) : std::nullopt;
}

Result<std::string> find_boundary(std::string_view content_type, std::string_view body) {
  if (auto named = parameter(content_type, "boundary"); named && !named->empty()) {
    if (!is_boundary(*named)) {
      return bad_form("the boundary of the Content-Type has " + std::to_string(named->size()) +
                      " bytes; expected 1 to " + std::to_string(kMaxBoundaryBytes) + " printable ones");
    }
    return *std::move(named);
  }
  if (const auto own = boundary_of_body(body)) {
    return std::string(*own);
  }
  return bad_form("the Content-Type names no boundary, and the body does not begin with one");
}

// Where one part ends and the next begins.
struct Delimiter {
  std::size_t content_end = 0;  // without the line break, which belongs to the boundary
  std::size_t after = 0;        // of its line
  bool last = false;
};

// The line of a boundary that ends at `at`: "--" closes, blanks are allowed; anything else is content that looks like
// one.
bool read_delimiter_end(std::string_view body, std::size_t at, Delimiter& delimiter) {
  std::string_view rest = body.substr(at);
  if (rest.starts_with(kDashes)) {
    delimiter.last = true;
    return true;
  }
  rest.remove_prefix(std::min(rest.find_first_not_of(" \t"), rest.size()));
  rest.remove_prefix(rest.starts_with('\r') ? 1 : 0);
  if (!rest.starts_with('\n')) {
    return false;
  }
  delimiter.after = body.size() - rest.size() + 1;
  return true;
}

// The next boundary line at or after `from`, where a line begins. `marker` is "\n--BOUNDARY". memmem's time is linear
// in the body, whatever it holds, and two markers never overlap.
std::optional<Delimiter> next_delimiter(std::string_view body, std::string_view marker, std::size_t from) {
  Delimiter delimiter;
  delimiter.content_end = from;
  if (body.substr(from).starts_with(marker.substr(1)) &&
      read_delimiter_end(body, from + marker.size() - 1, delimiter)) {
    return delimiter;
  }
  std::size_t at = from;
  while (const void* found = memmem(body.data() + at, body.size() - at, marker.data(), marker.size())) {
    const auto line_end = static_cast<std::size_t>(static_cast<const char*>(found) - body.data());
    at = line_end + marker.size();
    if (read_delimiter_end(body, at, delimiter)) {
      delimiter.content_end = line_end > from && body[line_end - 1] == '\r' ? line_end - 1 : line_end;
      return delimiter;
    }
  }
  return std::nullopt;
}

// One header line of a part, with those that continue it.
Status read_part_header(std::string_view line, FormPart& part) {
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos) {
    return bad_form("expected \"Name: value\" or a blank line before a part's content");
  }
  const std::string name = lower(trimmed(line.substr(0, colon), kBlanks));
  const std::string_view value = trimmed(line.substr(colon + 1), kBlanks);
  if (name == "content-disposition") {
    part.name = parameter(value, "name").value_or("");
    part.filename = parameter(value, "filename");
    if (!part.filename) {
      part.filename = parameter(value, "filename*");  // as Python's urllib3 once wrote names beyond ASCII
    }
  } else if (name == "content-transfer-encoding") {
    part.transfer_encoding = lower(value);
  } else if (name == "content-type" && lower(value.substr(0, kMultipart.size())) == kMultipart) {
    return Error{ErrorCode::kUnsupported, "form: a form within a form is not taken"};
  }
  return {};
}

// The headers at the beginning of `text`, taken off it with the blank line.
Status take_part_headers(std::string_view& text, FormPart& part) {
  std::string_view window = text.substr(0, kMaxPartHeaderBytes);
  std::string header;
  while (const auto line = take_line(window)) {
    const bool continues = line->starts_with(' ') || line->starts_with('\t');
    if (!continues && !header.empty()) {
      FACEPIPE_TRY(read_part_header(header, part));
      header.clear();
    }
    if (line->empty()) {
      text.remove_prefix(static_cast<std::size_t>(window.data() - text.data()));
      return {};
    }
    header += *line;
  }
  if (text.size() < kMaxPartHeaderBytes) {
    return bad_form("a part ends within its headers");
  }
  return Error{ErrorCode::kTooLarge,
               "form: the headers of a part have more than " + std::to_string(kMaxPartHeaderBytes) + " bytes"};
}

}  // namespace

std::string media_type(std::string_view content_type) {
  return lower(trimmed(content_type.substr(0, content_type.find(';')), kBlanks));
}

bool looks_like_form(std::string_view body) {
  constexpr std::string_view kHeader = "content-";
  return boundary_of_body(body) && lower(body.substr(0, kHeader.size())) == kHeader;
}

Result<std::vector<FormPart>> read_form(std::string_view content_type, std::string_view body) {
  FACEPIPE_ASSIGN(const std::string boundary, find_boundary(content_type, body));
  const std::string marker = "\n" + std::string(kDashes) + boundary;
  auto delimiter = next_delimiter(body, marker, 0);
  if (!delimiter) {
    return bad_form("its boundary is not in the body");
  }
  std::vector<FormPart> parts;
  while (!delimiter->last) {
    if (parts.size() == kMaxFormParts) {
      return Error{ErrorCode::kTooLarge, "form: more than " + std::to_string(kMaxFormParts) + " parts"};
    }
    FormPart part;
    std::string_view rest = body.substr(delimiter->after);
    FACEPIPE_TRY(take_part_headers(rest, part));
    const std::size_t begin = body.size() - rest.size();
    delimiter = next_delimiter(body, marker, begin);
    if (!delimiter) {
      return bad_form("the last part has no boundary behind it (a body cut short?)");
    }
    part.content = body.substr(begin, delimiter->content_end - begin);
    parts.push_back(std::move(part));
  }
  return parts;
}

}  // namespace facepipe::http
