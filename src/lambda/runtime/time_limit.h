// How long the runtime's blocking calls may wait: internal to the module.
#pragma once

#include <chrono>

namespace facepipe::lambda {

// "No limit": longer than an execution environment lives (hours), and far from the overflow of any clock's type.
inline constexpr std::chrono::milliseconds kNoTimeLimit = std::chrono::hours{24 * 365};

}  // namespace facepipe::lambda
