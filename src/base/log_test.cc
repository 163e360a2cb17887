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

TEST(Logger, NullLoggerDropsEverything) {
  null_logger().error("nothing");
}

}  // namespace
}  // namespace facepipe
