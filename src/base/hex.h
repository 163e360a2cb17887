// Hexadecimal digits, and percent-encoding (RFC 3986), which is made of them.
#pragma once

#include <cstdint>
#include <string>

#include "base/bytes.h"

namespace facepipe {

inline constexpr std::string_view kHexDigits = "0123456789abcdef";
inline constexpr std::string_view kUpperHexDigits = "0123456789ABCDEF";

// The lowest `digits` digits of `value`.
void append_hex(std::string& out, std::uint64_t value, std::size_t digits, std::string_view alphabet = kHexDigits);
[[nodiscard]] std::string hex_number(std::uint64_t value, std::size_t digits);
// Two lower-case digits a byte.
[[nodiscard]] std::string hex_encode(ByteView bytes);
// The value of a digit of either case; -1 of anything else.
[[nodiscard]] int hex_value(char c);
// Exactly `digits` lower-case digits.
[[nodiscard]] bool is_hex(std::string_view text, std::size_t digits);

// Letters, digits and -._~: what percent-encoding never touches.
[[nodiscard]] bool is_unreserved(char c);
// Everything that `keep` does not name becomes %XX, in upper case.
[[nodiscard]] std::string percent_encode(std::string_view text, bool (*keep)(char) = is_unreserved);
// Of one component; malformed escapes stay as they are. `plus_is_space` for query strings.
[[nodiscard]] std::string percent_decode(std::string_view text, bool plus_is_space);

}  // namespace facepipe
