// What to do about an error, where an option or a command helps.
#pragma once

#include <string>

#include "base/result.h"

namespace facepipe::app {

// The error's message and, behind it, the option that helps. The library that found the trouble knows no options.
[[nodiscard]] std::string with_way_out(const Error& error);
// The same for a message alone.
[[nodiscard]] std::string with_way_out(const std::string& message);

}  // namespace facepipe::app
