#include "base/log.h"

#include <gtest/gtest.h>

#include <vector>

namespace facepipe {
namespace {

TEST(Logger, WritesOneJsonObjectALine) {
  std::vector<std::string> lines;
  const ManualClock clock(Clock::TimePoint(std::chrono::milliseconds(1'767'323'045'678)));
  Logger logger(LogLevel::kInfo, [&](std::string_view line) { lines.emplace_back(line); }, clock);
  logger.info("frame", {{"request_id", "r\"1"}, {"faces", std::int64_t{2}}, {"ms", 1.5}, {"ok", true}});
  logger.log(LogLevel::kDebug, "hidden");
  ASSERT_EQ(lines.size(), 1U);
  EXPECT_EQ(
      lines[0],
      R"({"time":"2026-01-02T03:04:05.678Z","level":"info","event":"frame","request_id":"r\"1","faces":2,"ms":1.5,"ok":true})");
}

TEST(Logger, NothingInALineReachesATerminalAsAControl) {
  std::string line;
  Logger logger(LogLevel::kInfo, [&](std::string_view text) { line = text; });
  logger.info("refused", {{"reason", "\x1b[2J\n\x7f\xC2\x9B\x31m\x9B\xC3\xBC"}});
  // Escape, line break, delete, C1's CSI, a bare byte 0x9B; the umlaut stays.
  EXPECT_TRUE(line.ends_with("\"reason\":\"\\u001b[2J\\n\\u007f\\u009b1m\xEF\xBF\xBD\xC3\xBC\"}")) << line;
}

TEST(Logger, NullLoggerDropsEverything) {
  ::testing::internal::CaptureStdout();
  ::testing::internal::CaptureStderr();
  null_logger().error("nothing");
  EXPECT_EQ(::testing::internal::GetCapturedStderr(), "");
  EXPECT_EQ(::testing::internal::GetCapturedStdout(), "");
}

}  // namespace
}  // namespace facepipe
