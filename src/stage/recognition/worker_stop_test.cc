// How a worker stops: what is in work is finished in time or put back.
#include <gmock/gmock.h>

#include "stage/recognition/test_worker.h"

namespace facepipe::stage {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

struct WorkerStopTest : WorkerFixture {
  // The stage waits inside until `release`.
  void make_slow_stage() {
    stage = [this](std::span<const std::string_view> bodies) {
      inside = true;
      EXPECT_TRUE(eventually([this] { return released.load(); }));
      return name_after_message(bodies);
    };
  }
  std::atomic<bool> inside = false;
  std::atomic<bool> released = false;
};

TEST_F(WorkerStopTest, ABatchInWorkIsFinished) {
  make_slow_stage();
  requests.put("a");
  start();
  ASSERT_TRUE(eventually([&] { return inside.load(); }));
  requests.put("b");
  worker->request_stop();
  EXPECT_FALSE(worker->ended());
  released = true;
  EXPECT_TRUE(worker->stop(Seconds(20)));
  EXPECT_THAT(answered(), ElementsAre("a"));
  EXPECT_THAT(requests.removed, ElementsAre("a"));
  EXPECT_EQ(requests.waiting(), 1U) << "nothing more is received";
}

TEST_F(WorkerStopTest, WhatIsNotFinishedInTimeIsPutBackAndNotAnswered) {
  make_slow_stage();
  requests.put("a");
  requests.put("b");
  start();
  ASSERT_TRUE(eventually([&] { return inside.load(); }));
  EXPECT_FALSE(worker->stop(Milliseconds(20)));
  EXPECT_EQ(requests.waiting(), 2U);
  EXPECT_THAT(requests.visibilities, ElementsAre(std::pair("a", Seconds(0)), std::pair("b", Seconds(0))));
  EXPECT_EQ(counters.given_back, 2);
  released = true;
  worker.reset();
  EXPECT_THAT(answered(), IsEmpty());
  EXPECT_THAT(requests.removed, IsEmpty());
}

TEST_F(WorkerStopTest, AnswersThatCannotBeSentArePutBackAtOnce) {
  answers.batch_error = Error{ErrorCode::kUnavailable, "away"};
  options.retry.base = options.retry.cap = Milliseconds(60'000);
  requests.put("a");
  start();
  ASSERT_TRUE(eventually([&] { return log_lines("queue_away") == 1; }));
  EXPECT_TRUE(worker->stop(Seconds(20)));
  EXPECT_EQ(requests.waiting(), 1U);
  EXPECT_EQ(counters.given_back, 1);
}

TEST_F(WorkerStopTest, TheMessagesOfALastReceiveArePutBack) {
  // The receive that brings them is under way when the stop is requested.
  std::atomic<Worker*> started = nullptr;
  requests.receive_error = [&]() -> std::optional<Error> {
    Worker* running = started;
    if (running == nullptr) {
      return Error{ErrorCode::kUnavailable, "not yet"};
    }
    running->request_stop();
    return std::nullopt;
  };
  requests.put("late");
  start();
  started = worker.get();
  EXPECT_TRUE(eventually([&] { return worker->ended(); }));
  EXPECT_TRUE(worker->stop(Seconds(20)));
  EXPECT_THAT(answered(), IsEmpty());
  EXPECT_EQ(requests.waiting(), 1U);
  EXPECT_EQ(requests.hidden(), 0U);
}

TEST_F(WorkerStopTest, ASourceThatIsAwayDoesNotHoldItUp) {
  requests.receive_error = [] { return Error{ErrorCode::kUnavailable, "away"}; };
  options.retry.base = options.retry.cap = Milliseconds(60'000);
  start();
  ASSERT_TRUE(eventually([&] { return counters.receive_errors == 1; }));
  EXPECT_TRUE(worker->stop(Seconds(20)));
  EXPECT_TRUE(worker->outcome());
}

}  // namespace
}  // namespace facepipe::stage
