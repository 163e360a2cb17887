#include "stage/recognition/heartbeat.h"

#include <gmock/gmock.h>

#include "stage/recognition/test_recognition_loop.h"

namespace facepipe::stage {
namespace {

struct HeartbeatTest : RecognitionLoopFixture {
  std::string take() {
    requests.put("body");
    return pair.receive({}).value().front().receipt_handle;
  }
  HeartbeatOptions quick{Seconds(7), Milliseconds(5)};
};

TEST_F(HeartbeatTest, ExtendsUntilTheReceiptIsDone) {
  Heartbeat heartbeat(pair, quick, counters, logger);
  const std::string handle = take();
  heartbeat.add({&handle, 1});
  ASSERT_TRUE(eventually([&] { return counters.heartbeats >= 3; }));
  heartbeat.remove(handle);
  const std::int64_t then = counters.heartbeats;
  std::this_thread::sleep_for(Milliseconds(30));
  EXPECT_EQ(counters.heartbeats, then);
  EXPECT_EQ(requests.visibilities.front(), std::pair(std::string("body"), Seconds(7)));
}

TEST_F(HeartbeatTest, AReceiptThatTheQueueDoesNotKnowIsDropped) {
  std::atomic<int> calls = 0;
  requests.visibility_error = [&](const std::string&) {
    ++calls;
    return Error{ErrorCode::kInvalidArgument, "no such receipt"};
  };
  Heartbeat heartbeat(pair, quick, counters, logger);
  const std::string handle = take();
  heartbeat.add({&handle, 1});
  ASSERT_TRUE(eventually([&] { return log_lines("receipt_lost") == 1; }));
  EXPECT_TRUE(heartbeat.remove_all().empty());
  EXPECT_EQ(calls, 1);
}

TEST_F(HeartbeatTest, AQueueThatIsAwayIsTriedAgainAndLoggedOnce) {
  std::atomic<int> failures = 0;
  requests.visibility_error = [&](const std::string&) -> std::optional<Error> {
    return failures < 4 ? ++failures, std::optional(Error{ErrorCode::kUnavailable, "away"}) : std::nullopt;
  };
  Heartbeat heartbeat(pair, quick, counters, logger);
  const std::string handle = take();
  heartbeat.add({&handle, 1});
  ASSERT_TRUE(eventually([&] { return log_lines("queue_back") >= 1; }));
  EXPECT_TRUE(heartbeat.remove_all() == std::vector{handle});  // and no call is under way
  EXPECT_GE(counters.heartbeats, 1);
  EXPECT_EQ(log_lines("queue_away"), 1);
  EXPECT_EQ(log_lines("queue_back"), 1);
}

TEST_F(HeartbeatTest, RemoveAllNamesWhatWasInWork) {
  Heartbeat heartbeat(pair, {Seconds(60), Milliseconds(60'000)}, counters, logger);
  const std::vector<std::string> handles = {take(), take()};
  heartbeat.add(handles);
  heartbeat.remove(handles[0]);
  EXPECT_THAT(heartbeat.remove_all(), ::testing::ElementsAre(handles[1]));
  EXPECT_THAT(heartbeat.remove_all(), ::testing::IsEmpty());
}

}  // namespace
}  // namespace facepipe::stage
