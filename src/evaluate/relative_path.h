// Names of pictures as lists have them. Internal to this module.
#pragma once

#include <string_view>

namespace facepipe::evaluate {

// A path that stays inside the folder that it is joined to: not empty, not absolute, without ".." and NUL.
[[nodiscard]] bool stays_inside(std::string_view path);

}  // namespace facepipe::evaluate
