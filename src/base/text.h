// Small text work that many readers need.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace facepipe {

// ASCII letters in lower case; other bytes stay.
[[nodiscard]] std::string lower(std::string_view text);
// What follows a UTF-8 byte order mark; `text` itself without one.
[[nodiscard]] std::string_view without_byte_order_mark(std::string_view text);
[[nodiscard]] bool is_utf8(std::string_view text);
// The parts between separators, empty ones too: at least one. Views of `text`.
[[nodiscard]] std::vector<std::string_view> split(std::string_view text, char separator);

}  // namespace facepipe
