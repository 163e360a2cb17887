// Tested by printable_test.cc.
#include "base/printable.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <utility>

#include "base/hex.h"

namespace facepipe {
namespace {

bool is_control(char32_t c) {
  return c < 0x20 || (c >= 0x7F && c <= 0x9F) || c == 0x061C || c == 0x200E || c == 0x200F ||
         (c >= 0x2028 && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069);
}

void append_code_unit(std::string& out, char32_t c) {  // all of is_control are below U+10000
  out += "\\u";
  append_hex(out, c, 4);
}

bool all_plain(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= 0x20 && c < 0x7F; });
}

using Range = std::pair<char32_t, char32_t>;

template <std::size_t N>
bool in_any(const std::array<Range, N>& ranges, char32_t c) {
  return std::any_of(ranges.begin(), ranges.end(),
                     [c](const Range& range) { return c >= range.first && c <= range.second; });
}

// Blocks of Unicode whose characters take two columns or none; enough for names and file names.
constexpr std::array<Range, 9> kWide = {{{0x1100, 0x115F},
                                         {0x2E80, 0xA4CF},
                                         {0xAC00, 0xD7A3},
                                         {0xF900, 0xFAFF},
                                         {0xFE30, 0xFE6F},
                                         {0xFF00, 0xFF60},
                                         {0xFFE0, 0xFFE6},
                                         {0x1F300, 0x1FAFF},
                                         {0x20000, 0x3FFFD}}};
constexpr std::array<Range, 6> kCombining = {
    {{0x0300, 0x036F}, {0x0483, 0x0489}, {0x200B, 0x200D}, {0x20D0, 0x20FF}, {0xFE00, 0xFE0F}, {0xFE20, 0xFE2F}}};

std::size_t columns_of(char32_t c) {
  return in_any(kCombining, c) ? 0 : in_any(kWide, c) ? 2 : 1;
}

// Never 0: a stray byte is a character of its own.
std::size_t step(std::string_view text, std::size_t i) {
  return std::max<std::size_t>(utf8_length(text, i), 1);
}

constexpr std::uint64_t in_each_byte(std::uint64_t value) {
  return value * 0x0101010101010101U;
}

// The highest bit of each byte that is `value`; perhaps of others, but of none in a word without `value`.
std::uint64_t marks(std::uint64_t word, std::uint64_t value) {
  const std::uint64_t rest = word ^ in_each_byte(value);
  return (rest - in_each_byte(1)) & ~rest;
}

}  // namespace

std::size_t utf8_length(std::string_view text, std::size_t i) {
  const auto byte = [&](std::size_t k) { return static_cast<unsigned char>(text[k]); };
  const unsigned char lead = byte(i);
  std::size_t length = 0;
  unsigned char low = 0x80;
  unsigned char high = 0xBF;
  if (lead < 0x80) {
    return 1;
  }
  if (lead >= 0xC2 && lead <= 0xDF) {
    length = 2;
  } else if (lead >= 0xE0 && lead <= 0xEF) {
    length = 3;
    low = lead == 0xE0 ? 0xA0 : low;
    high = lead == 0xED ? 0x9F : high;
  } else if (lead >= 0xF0 && lead <= 0xF4) {
    length = 4;
    low = lead == 0xF0 ? 0x90 : low;
    high = lead == 0xF4 ? 0x8F : high;
  } else {
    return 0;
  }
  if (i + length > text.size() || byte(i + 1) < low || byte(i + 1) > high) {
    return 0;
  }
  for (std::size_t k = i + 2; k < i + length; ++k) {
    if (byte(k) < 0x80 || byte(k) > 0xBF) {
      return 0;
    }
  }
  return length;
}

std::size_t plain_length(std::string_view text) {
  std::size_t i = 0;
  for (std::uint64_t word = 0; i + sizeof(word) <= text.size(); i += sizeof(word)) {
    std::memcpy(&word, text.data() + i, sizeof(word));
    const std::uint64_t beyond_ascii = word | (word + in_each_byte(1));  // 0x7F, too
    const std::uint64_t control = (word - in_each_byte(0x20)) & ~word;
    if (((beyond_ascii | control | marks(word, '"') | marks(word, '\\')) & in_each_byte(0x80)) != 0) {
      break;
    }
  }
  while (i < text.size() && text[i] >= 0x20 && text[i] < 0x7F && text[i] != '"' && text[i] != '\\') {
    ++i;
  }
  return i;
}

char32_t code_point(std::string_view sequence) {
  const auto lead = static_cast<unsigned char>(sequence[0]);
  if (sequence.size() == 1) {
    return lead;
  }
  char32_t value = lead & (0x7FU >> sequence.size());
  for (const char c : sequence.substr(1)) {
    value = (value << 6U) | (static_cast<unsigned char>(c) & 0x3FU);
  }
  return value;
}

std::string printable(std::string_view text) {
  if (all_plain(text)) {
    return std::string(text);
  }
  std::string out;
  out.reserve(text.size() + 16);
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t length = utf8_length(text, i);
    if (length == 0) {
      out += "\\x";
      append_hex(out, static_cast<unsigned char>(text[i++]), 2);
      continue;
    }
    const std::string_view sequence = text.substr(i, length);
    i += length;
    if (const char32_t c = code_point(sequence); is_control(c)) {
      append_code_unit(out, c);
    } else {
      out += sequence;
    }
  }
  return out;
}

std::string printable(std::string_view text, std::size_t max_bytes) {
  if (text.size() <= max_bytes) {
    return printable(text);
  }
  std::size_t end = 0;
  while (end + step(text, end) <= max_bytes) {
    end += step(text, end);
  }
  return printable(text.substr(0, end)) + "...";
}

std::string printable_lines(std::string_view text) {
  std::string out;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    out += printable(text.substr(begin, end - begin));
    if (end < text.size()) {
      out.push_back('\n');
    }
    begin = end + 1;
  }
  return out;
}

std::size_t display_width(std::string_view text) {
  std::size_t columns = 0;
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t length = utf8_length(text, i);
    columns += length == 0 ? 1 : columns_of(code_point(text.substr(i, length)));
    i += std::max<std::size_t>(length, 1);
  }
  return columns;
}

std::string_view first_columns(std::string_view text, std::size_t columns) {
  std::size_t end = 0;
  std::size_t used = 0;
  while (end < text.size()) {
    const std::size_t length = step(text, end);
    used += display_width(text.substr(end, length));
    if (used > columns) {
      break;
    }
    end += length;
  }
  return text.substr(0, end);
}

std::string_view last_columns(std::string_view text, std::size_t columns) {
  std::size_t begin = 0;
  std::size_t left = display_width(text);
  while (left > columns) {
    const std::size_t length = step(text, begin);
    left -= display_width(text.substr(begin, length));
    begin += length;
  }
  return text.substr(begin);
}

}  // namespace facepipe
