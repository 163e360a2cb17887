// Text that somebody else wrote (file names, a server's answer, names, ids, option values), made fit for a terminal or
// a log: what a terminal would act on is shown, not done.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace facepipe {

// `text` with these spelt out: C0 controls, DEL and C1 (U+0080..U+009F), the controls of writing direction (U+061C,
// U+200E, U+200F, U+202A..U+202E, U+2066..U+2069) and the line separators U+2028 and U+2029 as \u001b and so on, as
// JSON spells them; bytes that are no UTF-8 as \x9b. Other UTF-8 stays, and so does a backslash. Of JSON text without
// white space between its tokens it makes JSON text of the same value, since there such characters stand in strings
// alone.
[[nodiscard]] std::string printable(std::string_view text);
// The same of the first `max_bytes` bytes of `text`, cut between characters, with "..." where something was left out.
[[nodiscard]] std::string printable(std::string_view text, std::size_t max_bytes);
// The same for text of several lines: its newlines stay.
[[nodiscard]] std::string printable_lines(std::string_view text);

// Length of the UTF-8 sequence at `text[i]` (i < text.size()), or 0 if it is not well-formed (RFC 3629: no overlong
// forms, no surrogates, nothing past U+10FFFF).
[[nodiscard]] std::size_t utf8_length(std::string_view text, std::size_t i);

// How many bytes `text` begins with that every format takes as they are: printable ASCII but '"' and '\\'. For going
// over long texts quickly: eight bytes at a time.
[[nodiscard]] std::size_t plain_length(std::string_view text);

// The character of one such sequence.
[[nodiscard]] char32_t code_point(std::string_view sequence);

// Columns that a terminal gives to `text`, which is printable: two for wide characters (East Asian, pictographs), none
// for combining ones.
[[nodiscard]] std::size_t display_width(std::string_view text);
// The beginning of `text` that fits in `columns`.
[[nodiscard]] std::string_view first_columns(std::string_view text, std::size_t columns);
// Its end that fits in `columns`.
[[nodiscard]] std::string_view last_columns(std::string_view text, std::size_t columns);

}  // namespace facepipe
