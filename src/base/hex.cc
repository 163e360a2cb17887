// Tested by hex_test.cc.
#include "base/hex.h"

namespace facepipe {

void append_hex(std::string& out, std::uint64_t value, std::size_t digits, std::string_view alphabet) {
  for (std::size_t i = digits; i-- > 0;) {
    out.push_back(alphabet[i < 16 ? (value >> (4 * i)) & 15U : 0U]);
  }
}

std::string hex_number(std::uint64_t value, std::size_t digits) {
  std::string text;
  append_hex(text, value, digits);
  return text;
}

std::string hex_encode(ByteView bytes) {
  std::string text;
  text.reserve(bytes.size() * 2);
  for (const std::byte byte : bytes) {
    append_hex(text, std::to_integer<std::uint64_t>(byte), 2);
  }
  return text;
}

int hex_value(char c) {
  const char lower_case = c >= 'A' && c <= 'F' ? static_cast<char>(c - 'A' + 'a') : c;
  const std::size_t value = kHexDigits.find(lower_case);
  return value == std::string_view::npos ? -1 : static_cast<int>(value);
}

bool is_hex(std::string_view text, std::size_t digits) {
  return text.size() == digits && text.find_first_not_of(kHexDigits) == std::string_view::npos;
}

bool is_unreserved(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
         c == '_' || c == '~';
}

std::string percent_encode(std::string_view text, bool (*keep)(char)) {
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    if (keep(c)) {
      out.push_back(c);
    } else {
      out.push_back('%');
      append_hex(out, static_cast<unsigned char>(c), 2, kUpperHexDigits);
    }
  }
  return out;
}

std::string percent_decode(std::string_view text, bool plus_is_space) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size()) {
      const int high = hex_value(text[i + 1]);
      const int low = hex_value(text[i + 2]);
      if (high >= 0 && low >= 0) {
        out.push_back(static_cast<char>(high * 16 + low));
        i += 2;
        continue;
      }
    }
    out.push_back(text[i] == '+' && plus_is_space ? ' ' : text[i]);
  }
  return out;
}

}  // namespace facepipe
