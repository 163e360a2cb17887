// Tested by iso_time_test.cc.
#include "aws/credentials/iso_time.h"

#include <array>
#include <chrono>
#include <cstdio>
#include <optional>
#include <string>

namespace facepipe::aws {
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

std::optional<Clock::TimePoint> parse(std::string_view text) {
  using std::chrono::days;
  using std::chrono::hours;
  using std::chrono::milliseconds;
  using std::chrono::minutes;
  using std::chrono::seconds;
  Pieces pieces(text);
  const std::chrono::year year(pieces.number(4));
  pieces.literal('-');
  const std::chrono::month month(static_cast<unsigned>(pieces.number(2)));
  pieces.literal('-');
  const std::chrono::day day(static_cast<unsigned>(pieces.number(2)));
  pieces.literal('T');
  const int hour = pieces.number(2);
  pieces.literal(':');
  const int minute = pieces.number(2);
  pieces.literal(':');
  const int second = pieces.number(2);
  const int millisecond = pieces.take('.') ? pieces.fraction() : 0;
  minutes offset{0};
  if (!pieces.take('Z')) {
    const bool west = pieces.take('-');
    if (!west) {
      pieces.literal('+');
    }
    const int offset_hours = pieces.number(2);
    pieces.literal(':');
    const int offset_minutes = pieces.number(2);
    if (offset_hours > 23 || offset_minutes > 59) {
      return std::nullopt;
    }
    offset = hours(offset_hours) + minutes(offset_minutes);
    offset = west ? -offset : offset;
  }
  const std::chrono::year_month_day date(year, month, day);
  if (!pieces.whole() || !date.ok() || hour > 23 || minute > 59 || second > 60) {  // 60: a leap second
    return std::nullopt;
  }
  return std::chrono::sys_days(date) + hours(hour) + minutes(minute) + seconds(second) + milliseconds(millisecond) -
         offset;
}

}  // namespace

Result<Clock::TimePoint> parse_iso_time(std::string_view text) {
  const auto time = parse(text);
  if (!time) {
    return Error{ErrorCode::kInvalidData, "expected a time such as 2026-11-24T12:34:56Z"};
  }
  return *time;
}

std::string to_iso_time(Clock::TimePoint time) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(std::chrono::floor<std::chrono::seconds>(time - day));
  std::array<char, 64> text{};
  const int size = std::snprintf(text.data(), text.size(), "%04d-%02u-%02uT%02d:%02d:%02dZ",
                                 static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                                 static_cast<unsigned>(date.day()), static_cast<int>(clock.hours().count()),
                                 static_cast<int>(clock.minutes().count()), static_cast<int>(clock.seconds().count()));
  return {text.data(), static_cast<std::size_t>(size)};
}

}  // namespace facepipe::aws
