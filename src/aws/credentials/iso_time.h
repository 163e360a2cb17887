// The times that AWS writes into its answers.
#pragma once

#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"

namespace facepipe::aws {

// "2026-11-24T12:34:56Z", with a fraction of a second (cut to milliseconds) and with an offset ("+00:00") in place of
// "Z": RFC 3339 with upper-case letters. kInvalidData saying what was expected.
[[nodiscard]] Result<Clock::TimePoint> parse_iso_time(std::string_view text);

// "2026-11-24T12:34:56Z", for messages. Years 0 to 9999.
[[nodiscard]] std::string to_iso_time(Clock::TimePoint time);

}  // namespace facepipe::aws
