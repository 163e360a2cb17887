// Small text work that reading AWS's answers and settings needs.
#pragma once

#include <string>
#include <string_view>

namespace facepipe::aws {

// Without spaces, tabs, carriage returns and line feeds at both ends.
[[nodiscard]] std::string_view trimmed(std::string_view text);
// The first line of what a peer said, at most 200 bytes, control characters replaced by spaces: what may stand in an
// error message. A service that refuses a signature repeats the request, token included, in the lines after the first.
[[nodiscard]] std::string first_line(std::string_view text);

}  // namespace facepipe::aws
