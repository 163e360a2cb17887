// Small text work that many readers need.
#pragma once

#include <charconv>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace facepipe {

// ASCII letters in lower case; other bytes stay.
[[nodiscard]] std::string lower(std::string_view text);
// What follows a UTF-8 byte order mark; `text` itself without one.
[[nodiscard]] std::string_view without_byte_order_mark(std::string_view text);
[[nodiscard]] bool is_utf8(std::string_view text);
// The parts between separators, empty ones too: at least one. Views of `text`.
[[nodiscard]] std::vector<std::string_view> split(std::string_view text, char separator);

// The texts (std::string_view of each) with `between` in between.
template <typename Texts>
[[nodiscard]] std::string joined(const Texts& texts, std::string_view between) {
  std::string all;
  bool first = true;
  for (const auto& text : texts) {
    all.append(first ? std::string_view() : between).append(std::string_view(text));
    first = false;
  }
  return all;
}

// Without what `blanks` names at both ends.
[[nodiscard]] std::string_view trimmed(std::string_view text, std::string_view blanks = " \t\r\n");
// The first line of what a peer said, at most 200 bytes, control characters replaced by spaces: what may stand in an
// error message. A service that refuses a signature repeats the request, token included, in the lines after the first.
[[nodiscard]] std::string first_line(std::string_view text);
// The number that `text` is, as a whole and within T; nullopt of anything else.
template <typename T>
[[nodiscard]] std::optional<T> parse_number(std::string_view text, int base = 10) {
  T number{};
  std::from_chars_result read{};
  if constexpr (std::is_floating_point_v<T>) {
    read = std::from_chars(text.data(), text.data() + text.size(), number);  // always decimal
  } else {
    read = std::from_chars(text.data(), text.data() + text.size(), number, base);
  }
  return read.ec == std::errc() && read.ptr == text.data() + text.size() ? std::optional(number) : std::nullopt;
}

// Whether a machine is asked to talk to itself: IPv4 of 127.0.0.0/8 (four decimal parts) or ::1, in any of its
// spellings. False of names.
[[nodiscard]] bool is_loopback(const std::string& address);
// The same, or "localhost": a host of a URL or of a Host header, in lower case, without brackets and port.
[[nodiscard]] bool is_loopback_host(const std::string& host);

}  // namespace facepipe
