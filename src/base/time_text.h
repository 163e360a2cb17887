// Points in time as text and back, in UTC. Years 0 to 9999.
#pragma once

#include "base/clock.h"
#include "base/result.h"

namespace facepipe {

// "2026-01-02T03:04:05.678Z" (RFC 3339): logs and stored records.
[[nodiscard]] std::string format_utc(Clock::TimePoint time);
// "2026-11-24T12:34:56Z", for messages.
[[nodiscard]] std::string to_iso_time(Clock::TimePoint time);
// "20150830T123600Z" (ISO 8601's basic format): what requests are signed with.
[[nodiscard]] std::string to_basic_time(Clock::TimePoint time);
// "Sun, 06 Nov 1994 08:49:37 GMT" (RFC 9110's IMF-fixdate), whatever the locale.
[[nodiscard]] std::string to_http_date(Clock::TimePoint time);

// Of "2026-11-24T12:34:56Z", with a fraction of a second (cut to milliseconds) and with an offset ("+00:00") in place
// of "Z": RFC 3339 with upper-case letters. kInvalidData saying what was expected.
[[nodiscard]] Result<Clock::TimePoint> parse_iso_time(std::string_view text);
// Of "20150830T123600Z"; nullopt for anything else.
[[nodiscard]] std::optional<Clock::TimePoint> parse_basic_time(std::string_view text);

// Of "90s", "30m", "48h", "7d" or "0": a length of time of at most 100 years. kInvalidArgument saying what was
// expected.
[[nodiscard]] Result<std::chrono::seconds> parse_duration(std::string_view text);

}  // namespace facepipe
