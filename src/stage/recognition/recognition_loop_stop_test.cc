// How a recognition loop stops: what is in work is finished in time or put back.
#include <gmock/gmock.h>

#include "stage/recognition/test_recognition_loop.h"

namespace facepipe::stage {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

struct RecognitionLoopStopTest : RecognitionLoopFixture {
  // The stage waits inside until `release`.
  void make_slow_stage() {
    stage = [this](std::span<const std::string_view> bodies, const std::stop_token& stop) {
      inside = true;
      EXPECT_TRUE(eventually([this] { return released.load(); }));
      told = stop.stop_requested();
      return name_after_message(bodies, {});
    };
  }
  // Before what the stage looks at.
  void TearDown() override {
    released = true;
    loop.reset();
  }
  std::atomic<bool> inside = false;
  std::atomic<bool> released = false;
  std::atomic<bool> told = false;  // that its answers are dropped
};

TEST_F(RecognitionLoopStopTest, ABatchInWorkIsFinished) {
  make_slow_stage();
  requests.put("a");
  start();
  ASSERT_TRUE(eventually([&] { return inside.load(); }));
  requests.put("b");
  loop->request_stop();
  EXPECT_FALSE(loop->ended());
  released = true;
  EXPECT_TRUE(loop->stop(Seconds(20)));
  EXPECT_THAT(answered(), ElementsAre("a"));
  EXPECT_THAT(requests.removed, ElementsAre("a"));
  EXPECT_FALSE(told);
  EXPECT_EQ(requests.waiting(), 1U) << "nothing more is received";
}

TEST_F(RecognitionLoopStopTest, WhatIsNotFinishedInTimeIsPutBackAndNotAnswered) {
  make_slow_stage();
  requests.put("a");
  requests.put("b");
  start();
  ASSERT_TRUE(eventually([&] { return inside.load(); }));
  EXPECT_FALSE(loop->stop(Milliseconds(20)));
  EXPECT_EQ(requests.waiting(), 2U);
  EXPECT_THAT(requests.visibilities, ElementsAre(std::pair("a", Seconds(0)), std::pair("b", Seconds(0))));
  EXPECT_EQ(counters.given_back, 2);
  released = true;
  loop.reset();
  EXPECT_THAT(answered(), IsEmpty());
  EXPECT_THAT(requests.removed, IsEmpty());
  EXPECT_TRUE(told);
}

TEST_F(RecognitionLoopStopTest, AnswersThatCannotBeSentArePutBackAtOnce) {
  answers.batch_error = Error{ErrorCode::kUnavailable, "away"};
  options.retry.base = options.retry.cap = Milliseconds(60'000);
  requests.put("a");
  start();
  ASSERT_TRUE(eventually([&] { return log_lines("queue_away") == 1; }));
  EXPECT_TRUE(loop->stop(Seconds(20)));
  EXPECT_EQ(requests.waiting(), 1U);
  EXPECT_EQ(counters.given_back, 1);
}

TEST_F(RecognitionLoopStopTest, WhatTheQueueDidNotTakeBackIsNotSaidToBeGivenBack) {
  make_slow_stage();
  for (const char* body : {"a", "b", "c"}) {
    requests.put(body);
  }
  start();
  ASSERT_TRUE(eventually([&] { return inside.load(); }));
  requests.locked([&] {
    requests.visibility_error = [](const std::string& handle) {
      return handle.starts_with("m1/") ? std::nullopt : std::optional(Error{ErrorCode::kUnavailable, "away"});
    };
  });
  EXPECT_FALSE(loop->stop(Milliseconds(20)));
  EXPECT_EQ(requests.waiting(), 1U);
  EXPECT_EQ(counters.given_back, 1);
  released = true;
}

// A changed gallery that cannot be loaded: the batch waits for it until the stop ends the wait. Nothing of it failed.
TEST_F(RecognitionLoopStopTest, WhatAStopKeptFromBeingBegunIsGivenBack) {
  stage = [this](std::span<const std::string_view> bodies, const std::stop_token&) {
    inside = true;
    EXPECT_TRUE(eventually([this] { return released.load(); }));
    return std::vector<FaceOutcome>(bodies.size(), {std::nullopt, Error{ErrorCode::kUnavailable, "stopped"}});
  };
  requests.put("a");
  start();
  ASSERT_TRUE(eventually([&] { return inside.load(); }));
  loop->request_stop();
  released = true;
  EXPECT_TRUE(loop->stop(Seconds(20)));
  EXPECT_THAT(requests.visibilities, ElementsAre(std::pair("a", Seconds(0))));
  EXPECT_EQ(requests.waiting(), 1U);
  EXPECT_EQ(counters.given_back, 1);
  EXPECT_EQ(counters.retries, 0);
}

TEST_F(RecognitionLoopStopTest, TheMessagesOfALastReceiveArePutBack) {
  // The receive that brings them is under way when the stop is requested.
  std::atomic<RecognitionLoop*> started = nullptr;
  requests.receive_error = [&]() -> std::optional<Error> {
    RecognitionLoop* running = started;
    if (running == nullptr) {
      return Error{ErrorCode::kUnavailable, "not yet"};
    }
    running->request_stop();
    return std::nullopt;
  };
  requests.put("late");
  start();
  started = loop.get();
  EXPECT_TRUE(eventually([&] { return loop->ended(); }));
  EXPECT_TRUE(loop->stop(Seconds(20)));
  EXPECT_THAT(answered(), IsEmpty());
  EXPECT_EQ(requests.waiting(), 1U);
  EXPECT_EQ(requests.hidden(), 0U);
}

TEST_F(RecognitionLoopStopTest, ASourceThatIsAwayDoesNotHoldItUp) {
  requests.receive_error = [] { return Error{ErrorCode::kUnavailable, "away"}; };
  options.retry.base = options.retry.cap = Milliseconds(60'000);
  start();
  ASSERT_TRUE(eventually([&] { return counters.receive_errors == 1; }));
  EXPECT_TRUE(loop->stop(Seconds(20)));
  EXPECT_TRUE(loop->outcome());
}

}  // namespace
}  // namespace facepipe::stage
