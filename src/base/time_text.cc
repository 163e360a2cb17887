// Tested by time_text_test.cc.
#include "base/time_text.h"

#include <array>
#include <chrono>
#include <cstdio>

#include "base/printable.h"
#include "base/text.h"

namespace facepipe {
namespace {

// Takes fixed-width pieces off a text.
class Pieces {
 public:
  explicit Pieces(std::string_view text) : rest_(text) {}

  // A number of exactly `digits` digits; anything else makes the whole text bad.
  int number(std::size_t digits) {
    int value = 0;
    for (std::size_t i = 0; i < digits; ++i) {
      const char c = rest_.empty() ? ' ' : rest_.front();
      good_ = good_ && c >= '0' && c <= '9';
      if (!good_) {
        return 0;
      }
      value = value * 10 + (c - '0');
      rest_.remove_prefix(1);
    }
    return value;
  }
  void literal(char expected) { good_ = take(expected) && good_; }
  bool take(char c) {
    if (rest_.empty() || rest_.front() != c) {
      return false;
    }
    rest_.remove_prefix(1);
    return true;
  }
  // Digits after a decimal point, as milliseconds.
  int fraction() {
    int value = 0;
    int digits = 0;
    for (; !rest_.empty() && rest_.front() >= '0' && rest_.front() <= '9'; rest_.remove_prefix(1)) {
      value = digits < 3 ? value * 10 + (rest_.front() - '0') : value;
      ++digits;
    }
    good_ = good_ && digits > 0;
    for (; digits < 3; ++digits) {
      value *= 10;
    }
    return value;
  }
  [[nodiscard]] bool whole() const { return good_ && rest_.empty(); }

 private:
  std::string_view rest_;
  bool good_ = true;
};

// The offset from UTC: "Z", "+02:00"; nullopt of one that no clock has.
std::optional<std::chrono::minutes> take_offset(Pieces& pieces) {
  if (pieces.take('Z')) {
    return std::chrono::minutes{0};
  }
  const bool west = pieces.take('-');
  if (!west) {
    pieces.literal('+');
  }
  const int hours = pieces.number(2);
  pieces.literal(':');
  const int minutes = pieces.number(2);
  if (hours > 23 || minutes > 59) {
    return std::nullopt;
  }
  const std::chrono::minutes offset = std::chrono::hours(hours) + std::chrono::minutes(minutes);
  return west ? -offset : offset;
}

// The extended format has separators, fractions and offsets; the basic one ends in Z.
std::optional<Clock::TimePoint> parse(std::string_view text, bool extended) {
  Pieces pieces(text);
  const auto separator = [&pieces, extended](char c) {
    if (extended) {
      pieces.literal(c);
    }
  };
  const std::chrono::year year(pieces.number(4));
  separator('-');
  const std::chrono::month month(static_cast<unsigned>(pieces.number(2)));
  separator('-');
  const std::chrono::day day(static_cast<unsigned>(pieces.number(2)));
  pieces.literal('T');
  const int hour = pieces.number(2);
  separator(':');
  const int minute = pieces.number(2);
  separator(':');
  const int second = pieces.number(2);
  const int millisecond = extended && pieces.take('.') ? pieces.fraction() : 0;
  std::optional<std::chrono::minutes> offset{0};
  if (extended) {
    offset = take_offset(pieces);
  } else {
    pieces.literal('Z');
  }
  const std::chrono::year_month_day date(year, month, day);
  if (!offset || !pieces.whole() || !date.ok() || hour > 23 || minute > 59 || second > 60) {  // 60: a leap second
    return std::nullopt;
  }
  return std::chrono::sys_days(date) + std::chrono::hours(hour) + std::chrono::minutes(minute) +
         std::chrono::seconds(second) + std::chrono::milliseconds(millisecond) - *offset;
}

struct Parts {
  int year, month, day, weekday, hour, minute, second, millisecond;
};

Parts parts_of(Clock::TimePoint time) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(time - day);
  return {static_cast<int>(date.year()),
          static_cast<int>(static_cast<unsigned>(date.month())),
          static_cast<int>(static_cast<unsigned>(date.day())),
          static_cast<int>(std::chrono::weekday(day).c_encoding()),
          static_cast<int>(clock.hours().count()),
          static_cast<int>(clock.minutes().count()),
          static_cast<int>(clock.seconds().count()),
          static_cast<int>(clock.subseconds().count())};
}

// printf's text; no time has more than 63 characters.
template <typename... Arguments>
std::string formatted(const char* format, Arguments... arguments) {
  std::array<char, 64> text{};
  const int size = std::snprintf(text.data(), text.size(), format, arguments...);
  return {text.data(), static_cast<std::size_t>(size)};
}

}  // namespace

std::string format_utc(Clock::TimePoint time) {
  const Parts p = parts_of(time);
  return formatted("%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", p.year, p.month, p.day, p.hour, p.minute, p.second,
                   p.millisecond);
}

std::string to_iso_time(Clock::TimePoint time) {
  const Parts p = parts_of(time);
  return formatted("%04d-%02d-%02dT%02d:%02d:%02dZ", p.year, p.month, p.day, p.hour, p.minute, p.second);
}

std::string to_basic_time(Clock::TimePoint time) {
  const Parts p = parts_of(time);
  return formatted("%04d%02d%02dT%02d%02d%02dZ", p.year, p.month, p.day, p.hour, p.minute, p.second);
}

std::string to_http_date(Clock::TimePoint time) {
  constexpr std::array<const char*, 7> kDays{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr std::array<const char*, 12> kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const Parts p = parts_of(time);
  return formatted("%s, %02d %s %04d %02d:%02d:%02d GMT", kDays[static_cast<std::size_t>(p.weekday)], p.day,
                   kMonths[static_cast<std::size_t>(p.month - 1)], p.year, p.hour, p.minute, p.second);
}

Result<Clock::TimePoint> parse_iso_time(std::string_view text) {
  const auto time = parse(text, true);
  return time ? Result<Clock::TimePoint>(*time)
              : Error{ErrorCode::kInvalidData, "expected a time such as 2026-11-24T12:34:56Z"};
}

std::optional<Clock::TimePoint> parse_basic_time(std::string_view text) {
  return parse(text, false);
}

Result<std::chrono::seconds> parse_duration(std::string_view text) {
  constexpr std::int64_t kMaxS = std::int64_t{100} * 366 * 86'400;
  if (text == "0") {
    return std::chrono::seconds{0};
  }
  std::int64_t unit = 0;
  switch (text.empty() ? ' ' : text.back()) {
    case 's':
      unit = 1;
      break;
    case 'm':
      unit = 60;
      break;
    case 'h':
      unit = 3'600;
      break;
    case 'd':
      unit = 86'400;
      break;
    default:
      break;
  }
  const auto count = unit == 0 ? std::nullopt : parse_number<std::int64_t>(text.substr(0, text.size() - 1));
  if (!count || *count < 0 || *count > kMaxS / unit) {
    return Error{
        ErrorCode::kInvalidArgument,
        "expected a length of time such as 90s, 30m, 48h or 7d, of at most 100 years, got " + printable(text, 40)};
  }
  return std::chrono::seconds{*count * unit};
}

}  // namespace facepipe
