#include "stage/recognition/recognition_loop.h"

#include <gmock/gmock.h>

#include "stage/recognition/test_recognition_loop.h"

namespace facepipe::stage {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

using RecognitionLoopTest = RecognitionLoopFixture;

TEST_F(RecognitionLoopTest, OneStageCallOneSendAndOneRemovalForABatch) {
  std::vector<std::size_t> runs;
  stage = [&](std::span<const std::string_view> bodies, const std::stop_token&) {
    runs.push_back(bodies.size());
    return name_after_message(bodies, {});
  };
  for (int i = 0; i < 13; ++i) {
    requests.put(i == 4 ? "wrong" : std::to_string(i));
  }
  run_once();
  EXPECT_THAT(runs, ElementsAre(10U, 3U));
  EXPECT_THAT(answers.batches, ElementsAre(10U, 3U));
  EXPECT_EQ(requests.removed.size(), 13U);
  EXPECT_EQ(counters.received, 13);
  EXPECT_EQ(counters.answers, 13);
  EXPECT_EQ(counters.answer_errors, 1);
  EXPECT_EQ(counters.retries, 0);
  EXPECT_TRUE(loop->outcome());
}

TEST_F(RecognitionLoopTest, PoisonComesAgainLaterAndLaterAndItsNeighboursAreAnswered) {
  requests.put("poison");
  requests.put("a");
  run_once();
  EXPECT_THAT(answered(), ElementsAre("a"));
  EXPECT_THAT(requests.removed, ElementsAre("a"));
  requests.return_hidden();
  run_once();
  EXPECT_THAT(requests.visibilities, ElementsAre(std::pair("poison", Seconds(2)), std::pair("poison", Seconds(4))));
  EXPECT_EQ(requests.hidden(), 1U) << "it stays on the queue: redrive is the queue's";
  EXPECT_EQ(counters.retries, 2);
}

TEST_F(RecognitionLoopTest, AFailedSendKeepsTheMessageUntilTheQueueIsBack) {
  int failures = 0;
  answers.batch_error_now = [&]() -> std::optional<Error> {
    return failures < 5 ? ++failures, std::optional(Error{ErrorCode::kUnavailable, "away"}) : std::nullopt;
  };
  requests.put("a");
  requests.put("b");
  run_once();
  EXPECT_THAT(answered(), ElementsAre("a", "b"));
  EXPECT_THAT(requests.removed, ElementsAre("a", "b"));
  EXPECT_THAT(requests.visibilities, IsEmpty()) << "no receipt is used up";
  EXPECT_EQ(log_lines("queue_away"), 1) << log;
  EXPECT_EQ(log_lines("queue_back"), 1) << log;
}

TEST_F(RecognitionLoopTest, OnlyTheAnswersThatFailedAreSentAgain) {
  int failures = 0;
  answers.message_error = [&](const auto& message, bool) -> std::optional<Error> {
    const bool fails = message.body.find("\"b\"") != std::string::npos && failures < 4;
    return fails ? ++failures, std::optional(Error{ErrorCode::kUnavailable, "throttled"}) : std::nullopt;
  };
  for (const char* body : {"a", "b", "c"}) {
    requests.put(body);
  }
  run_once();
  EXPECT_THAT(answered(), ElementsAre("a", "c", "b"));
  EXPECT_EQ(requests.removed.size(), 3U);
}

TEST_F(RecognitionLoopTest, AnAnswerThatNoQueueTakesGoesBackForTheDeadLetterQueue) {
  answers.message_error = [&](const auto&, bool) { return Error{ErrorCode::kTooLarge, "too long"}; };
  requests.put("a");
  run_once();
  EXPECT_THAT(requests.visibilities, ElementsAre(std::pair("a", Seconds(2))));
  EXPECT_EQ(counters.retries, 1);
  EXPECT_EQ(log_lines("answer_refused"), 1);
}

TEST_F(RecognitionLoopTest, AfterAFailedRemovalTheMessageComesAgainAndIsNotAnsweredTwice) {
  bool fails = true;
  requests.remove_error = [&](const std::string&, bool) -> std::optional<Error> {
    return fails ? std::optional(Error{ErrorCode::kUnavailable, "away"}) : std::nullopt;
  };
  requests.put("a");
  start();
  ASSERT_TRUE(eventually([&] { return counters.not_removed == 1; }));
  EXPECT_THAT(answered(), ElementsAre("a"));
  requests.locked([&] { return fails = false; });
  requests.return_hidden();
  ASSERT_TRUE(eventually([&] { return counters.duplicates == 1; }));
  EXPECT_TRUE(loop->stop(Seconds(20)));
  EXPECT_THAT(answered(), ElementsAre("a"));
  EXPECT_THAT(requests.removed, ElementsAre("a"));
}

TEST_F(RecognitionLoopTest, ACrashBetweenSendingAndRemovingRepeatsTheAnswerAndLosesNothing) {
  requests.remove_error = [&](const std::string&, bool) { return Error{ErrorCode::kUnavailable, "crashed"}; };
  requests.put("a");
  run_once();
  requests.remove_error = nullptr;
  requests.return_hidden();
  run_once();  // another worker: it cannot know of the first one's answer
  EXPECT_THAT(answered(), ElementsAre("a", "a"));
  EXPECT_THAT(requests.removed, ElementsAre("a"));
}

TEST_F(RecognitionLoopTest, AMessageThatWasSentTwiceIsAnsweredOnce) {
  requests.put("a");
  requests.put("b");
  requests.put("a");
  options.batch = 1;
  run_once();
  EXPECT_THAT(answered(), ElementsAre("a", "b"));
  EXPECT_THAT(requests.removed, ElementsAre("a", "b", "a"));
  EXPECT_EQ(counters.duplicates, 1);
}

TEST_F(RecognitionLoopTest, AlsoWhereBothComeInOneBatch) {
  for (const char* body : {"a", "b", "a", "a"}) {
    requests.put(body);
  }
  run_once();
  EXPECT_THAT(answered(), ElementsAre("a", "b"));
  EXPECT_THAT(requests.removed, UnorderedElementsAre("a", "b", "a", "a"));
  EXPECT_EQ(counters.duplicates, 2);
  EXPECT_EQ(counters.received, 4);
}

TEST_F(RecognitionLoopTest, ADuplicateCountsOnceItIsRemoved) {
  int failures = 0;
  requests.remove_error = [&](const std::string& handle, bool) -> std::optional<Error> {
    const bool fails = handle.starts_with("m2/") && failures < 2;  // in its batch, and alone
    return fails ? ++failures, std::optional(Error{ErrorCode::kUnavailable, "away"}) : std::nullopt;
  };
  requests.put("a");
  requests.put("a");
  run_once();
  EXPECT_EQ(counters.duplicates, 0) << "it is still there";
  EXPECT_EQ(log_lines("duplicate_not_removed"), 1);
}

TEST_F(RecognitionLoopTest, ASecondOfWhatFailedIsTriedItself) {
  int calls = 0;
  stage = [&](std::span<const std::string_view> bodies, const std::stop_token& stop) {
    auto outcomes = name_after_message(bodies, stop);
    if (++calls == 1) {
      outcomes[0] = {std::nullopt, Error{ErrorCode::kUnavailable, "no memory now"}};
    }
    return outcomes;
  };
  requests.put("a");
  requests.put("a");
  run_once();
  EXPECT_EQ(calls, 2);
  EXPECT_THAT(answered(), ElementsAre("a"));
  EXPECT_THAT(requests.visibilities, ElementsAre(std::pair("a", Seconds(2))))
      << "the first comes again, as a duplicate";
}

TEST_F(RecognitionLoopTest, ASlowBatchKeepsItsMessagesHidden) {
  options.heartbeat = Milliseconds(5);
  options.visibility = Seconds(9);
  stage = [&](std::span<const std::string_view> bodies, const std::stop_token&) {
    EXPECT_TRUE(eventually([&] { return counters.heartbeats >= 6; }));
    return name_after_message(bodies, {});
  };
  requests.put("a");
  requests.put("b");
  run_once();
  EXPECT_THAT(answered(), ElementsAre("a", "b"));
  ASSERT_GE(requests.visibilities.size(), 6U);
  EXPECT_EQ(requests.visibilities[0].second, Seconds(9));
  std::set<std::string> extended;
  for (const auto& [body, timeout] : requests.visibilities) {
    extended.insert(body);
  }
  EXPECT_THAT(extended, UnorderedElementsAre("a", "b"));
}

TEST_F(RecognitionLoopTest, AnUnreachableQueueIsWaitedForAndLoggedOnce) {
  int failures = 0;
  requests.receive_error = [&]() -> std::optional<Error> {
    return failures < 6 ? ++failures, std::optional(Error{ErrorCode::kUnavailable, "away"}) : std::nullopt;
  };
  requests.put("a");
  start();
  ASSERT_TRUE(eventually([&] { return counters.answers == 1; }));
  EXPECT_TRUE(loop->stop(Seconds(20)));
  EXPECT_EQ(counters.receive_errors, 6);
  EXPECT_EQ(log_lines("queue_away"), 1) << log;
  EXPECT_EQ(log_lines("queue_back"), 1) << log;
}

TEST_F(RecognitionLoopTest, TheFirstReceiveTellsOfAQueueThatIsNotThere) {
  requests.receive_error = [] { return Error{ErrorCode::kNotFound, "no such queue"}; };
  start();
  ASSERT_TRUE(eventually([&] { return loop->ended(); }));
  ASSERT_FALSE(loop->outcome());
  EXPECT_EQ(loop->outcome().error().message, "source queue: no such queue");
}

TEST_F(RecognitionLoopTest, AnEmptyingRunEndsWithTheErrorOfAQueueThatIsAway) {
  requests.receive_error = [] { return Error{ErrorCode::kUnavailable, "away"}; };
  run_once();
  EXPECT_EQ(loop->outcome().error().code, ErrorCode::kUnavailable);
}

TEST_F(RecognitionLoopTest, ManyThreadsEmptyTheQueueBeforeTheyEnd) {
  options.threads = 8;
  options.batch = 1;
  for (int i = 0; i < 200; ++i) {
    requests.put(std::to_string(i));
  }
  run_once();
  EXPECT_EQ(counters.answers, 200);
  EXPECT_EQ(counters.given_back, 0);
  EXPECT_EQ(requests.removed.size(), 200U);
}

TEST_F(RecognitionLoopTest, IdlenessCountsFromTheLastMessage) {
  options.max_idle = Milliseconds(60);
  const auto began = std::chrono::steady_clock::now();
  requests.put("a");
  start();
  ASSERT_TRUE(eventually([&] { return loop->ended(); }));
  EXPECT_GE(std::chrono::steady_clock::now() - began, Milliseconds(60));
  EXPECT_EQ(counters.answers, 1);
}

TEST_F(RecognitionLoopTest, AStageThatThrowsLeavesItsMessages) {
  stage = [](std::span<const std::string_view>, const std::stop_token&) -> std::vector<FaceOutcome> {
    throw std::bad_alloc();
  };
  requests.put("a");
  run_once();
  EXPECT_EQ(counters.retries, 1);
  EXPECT_EQ(log_lines("batch_failed"), 1);
  EXPECT_EQ(requests.hidden(), 1U);
}

}  // namespace
}  // namespace facepipe::stage
