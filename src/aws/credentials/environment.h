// A program's environment variables as a value, so that what reads them can be tested.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>

namespace facepipe::aws {

using Environment = std::map<std::string, std::string, std::less<>>;

// A copy of `environ_block`, as the C library's environ: ended by a null pointer. Entries without "=" are left out, and
// of a repeated name the first counts, as for getenv.
[[nodiscard]] Environment read_environment(const char* const* environ_block);

// Empty where the name is not there: a variable that is set to nothing counts as not set. The view lives as long as the
// environment.
[[nodiscard]] std::string_view value_of(const Environment& environment, std::string_view name);

// Whether the variable says "true", in any case: what the AWS SDKs take for a switch.
[[nodiscard]] bool is_true(const Environment& environment, std::string_view name);

}  // namespace facepipe::aws
