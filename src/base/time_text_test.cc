#include "base/time_text.h"

#include <gtest/gtest.h>

namespace facepipe {
namespace {

std::int64_t unix_ms(const char* text) {
  const auto time = parse_iso_time(text);
  EXPECT_TRUE(time) << text;
  return time ? time->time_since_epoch().count() : -1;
}

TEST(TimeText, EveryFormThatAwsWrites) {
  EXPECT_EQ(unix_ms("1970-01-01T00:00:00Z"), 0);
  EXPECT_EQ(unix_ms("2015-08-30T12:36:00Z"), 1'440'938'160'000);
  EXPECT_EQ(unix_ms("2015-08-30T12:36:00.5Z"), 1'440'938'160'500);
  EXPECT_EQ(unix_ms("2015-08-30T12:36:00.123456789Z"), 1'440'938'160'123);
  EXPECT_EQ(unix_ms("2015-08-30T12:36:00+00:00"), 1'440'938'160'000);
  EXPECT_EQ(unix_ms("2015-08-30T14:36:00.000+02:00"), 1'440'938'160'000);
  EXPECT_EQ(unix_ms("2015-08-30T07:06:00-05:30"), 1'440'938'160'000);
  EXPECT_EQ(unix_ms("2024-02-29T23:59:60Z"), unix_ms("2024-03-01T00:00:00Z"));
}

TEST(TimeText, WhatIsNone) {
  for (const char* text :
       {"", "now", "2015-08-30", "2015-08-30T12:36:00", "2015-08-30 12:36:00Z", "2015-13-01T00:00:00Z",
        "2023-02-29T00:00:00Z", "2015-08-30T24:00:00Z", "2015-08-30T12:60:00Z", "2015-08-30T12:36:61Z",
        "2015-08-30T12:36:00.Z", "2015-08-30T12:36:00Zx", "2015-08-30T12:36:00+24:00", "15-08-30T12:36:00Z",
        "2015-8-30T12:36:00Z", "-015-08-30T12:36:00Z"}) {
    const auto time = parse_iso_time(text);
    ASSERT_FALSE(time) << text;
    EXPECT_EQ(time.error().message, "expected a time such as 2026-11-24T12:34:56Z");
  }
}

TEST(TimeText, Written) {
  EXPECT_EQ(to_iso_time(Clock::TimePoint(std::chrono::milliseconds(1'440'938'160'999))), "2015-08-30T12:36:00Z");
  EXPECT_EQ(to_iso_time(Clock::TimePoint(std::chrono::milliseconds(-1))), "1969-12-31T23:59:59Z");
  const Clock::TimePoint time(std::chrono::milliseconds(784'111'777'042));
  EXPECT_EQ(format_utc(time), "1994-11-06T08:49:37.042Z");
  EXPECT_EQ(format_utc(Clock::TimePoint(std::chrono::milliseconds(-1))), "1969-12-31T23:59:59.999Z");
  EXPECT_EQ(to_basic_time(time), "19941106T084937Z");
  EXPECT_EQ(to_http_date(time), "Sun, 06 Nov 1994 08:49:37 GMT");
}

TEST(TimeText, Durations) {
  EXPECT_EQ(*parse_duration("0"), std::chrono::seconds{0});
  EXPECT_EQ(*parse_duration("90s"), std::chrono::seconds{90});
  EXPECT_EQ(*parse_duration("30m"), std::chrono::minutes{30});
  EXPECT_EQ(*parse_duration("48h"), std::chrono::hours{48});
  EXPECT_EQ(*parse_duration("7d"), std::chrono::hours{7 * 24});
  for (const std::string_view bad : {"", "7", "d", "-1d", "1.5h", "7 d", "7w", "99999999999999999d", "36601d"}) {
    const auto read = parse_duration(bad);
    ASSERT_FALSE(read) << bad;
    EXPECT_EQ(read.error().code, ErrorCode::kInvalidArgument);
  }
}

TEST(TimeText, BasicFormat) {
  EXPECT_EQ(parse_basic_time("20150830T123600Z"), Clock::TimePoint(std::chrono::milliseconds(1'440'938'160'000)));
  for (const char* text : {"", "2015-08-30T12:36:00Z", "20150830T123600", "20150830T123600.5Z", "20150830T123600+00:00",
                           "20150830t123600Z", "20151330T123600Z", "20150229T123600Z", "20150830T243600Z",
                           "20150830T12360Z", "20150830T12+600Z", "-0150830T123600Z"}) {
    EXPECT_FALSE(parse_basic_time(text)) << text;
  }
}

}  // namespace
}  // namespace facepipe
