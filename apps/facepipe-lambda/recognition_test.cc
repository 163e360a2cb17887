#include "recognition.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <new>
#include <set>

namespace facepipe::lambda_app {
namespace {

using std::chrono::milliseconds;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

// Keeps what is sent; refuses bodies that hold a word of `refused`, and whole calls while `away`.
class FakeQueue final : public queue::MessageQueue {
 public:
  Result<queue::SentMessage> send(const queue::OutgoingMessage& message) override {
    for (const std::string& word : refused) {
      if (message.body.find(word) != std::string::npos) {
        return Error{ErrorCode::kUnavailable, "throttled"};
      }
    }
    sent.push_back(message);
    return queue::SentMessage{};
  }
  Result<std::vector<Result<queue::SentMessage>>> send_batch(
      std::span<const queue::OutgoingMessage> messages) override {
    batch_sizes.push_back(messages.size());
    if (away) {
      return Error{ErrorCode::kUnavailable, "queue away"};
    }
    std::vector<Result<queue::SentMessage>> results;
    for (const queue::OutgoingMessage& message : messages) {
      results.push_back(send(message));
    }
    return results;
  }
  Result<std::vector<queue::ReceivedMessage>> receive(const queue::ReceiveOptions&) override { return unused(); }
  Status remove(const std::string&) override { return unused(); }
  Result<std::vector<Status>> remove_batch(std::span<const std::string>) override { return unused(); }
  Status change_visibility(const std::string&, std::chrono::seconds) override { return unused(); }

  std::set<std::string> refused;
  bool away = false;
  std::vector<queue::OutgoingMessage> sent;
  std::vector<std::size_t> batch_sizes;

 private:
  static Error unused() { return Error{ErrorCode::kInternal, "not used by the function"}; }
};

// "bad" bodies have no answer, "wrong" ones an error answer; any other is answered with its own text as the name.
std::vector<stage::FaceOutcome> answer_each(std::span<const std::string_view> bodies) {
  std::vector<stage::FaceOutcome> outcomes;
  for (const std::string_view body : bodies) {
    stage::FaceOutcome outcome;
    if (body == "throw") {
      throw std::bad_alloc();
    }
    if (body.starts_with("bad")) {
      outcome.error = Error{ErrorCode::kInvalidData, "no request id"};
    } else {
      outcome.answer.emplace();
      outcome.answer->request_id = body;
      outcome.answer->result = body.starts_with("wrong") ? wire::kErrorResult : body;
      if (body.starts_with("wrong")) {
        outcome.error = Error{ErrorCode::kInvalidData, "no picture"};
      }
    }
    outcomes.push_back(std::move(outcome));
  }
  return outcomes;
}

std::string event(const std::vector<std::string>& bodies, const std::string& attributes = "{}") {
  std::string json = R"({"Records":[)";
  for (std::size_t i = 0; i < bodies.size(); ++i) {
    json += std::string(i == 0 ? "" : ",") + R"({"eventSource":"aws:sqs","messageId":"m)" + std::to_string(i) +
            R"(","body":")" + bodies[i] + R"(","attributes":)" + attributes + "}";
  }
  return json + "]}";
}

struct RecognitionTest : ::testing::Test {
  Result<std::string> handle(const std::string& payload) {
    const auto handler = make_recognition_handler(
        [this](std::span<const std::string_view> bodies, const std::stop_token&) {
          runs.push_back(bodies.size());
          clock.advance(run_time);
          return answer_each(bodies);
        },
        answers, clock, metrics, logger, options);
    lambda::Invocation invocation;
    invocation.payload = payload;
    invocation.request_id = "req-1";
    invocation.trace_id = "Root=invocation";
    invocation.deadline = clock.now() + time_left;
    return handler(invocation);
  }
  std::vector<std::string> sent_bodies() const {
    std::vector<std::string> bodies;
    for (const auto& message : answers.sent) {
      bodies.push_back(message.body);
    }
    return bodies;
  }
  ManualClock clock{Clock::TimePoint{milliseconds{50'000}}};
  milliseconds run_time{100};
  milliseconds time_left{30'000};
  RecognitionOptions options;
  FakeQueue answers;
  std::vector<std::size_t> runs;
  std::string lines;
  FunctionMetrics metrics{"recognize", clock, [this](std::string_view line) { lines.append(line).append("\n"); }};
  std::string log;
  Logger logger{LogLevel::kDebug, [this](std::string_view line) { log.append(line).append("\n"); }};
};

TEST_F(RecognitionTest, OneRunAndOneSendForABatchOfTen) {
  const auto response = handle(event({"a", "b", "c", "d", "e", "f", "g", "h", "i", "j"}));
  ASSERT_TRUE(response.has_value());
  EXPECT_EQ(*response, R"({"batchItemFailures":[]})");
  EXPECT_THAT(runs, ElementsAre(10U));
  EXPECT_THAT(answers.batch_sizes, ElementsAre(10U));
  ASSERT_EQ(answers.sent.size(), 10U);
  EXPECT_THAT(answers.sent[3].body, HasSubstr(R"("request_id":"d")"));
  EXPECT_THAT(lines, HasSubstr(R"("Duration":100,"ColdStart":1,"Records":10,"Answers":10,"ErrorAnswers":0,)"
                               R"("ItemFailures":0,"requestId":"req-1")"));
}

TEST_F(RecognitionTest, ThreeBadOfTenAreTheOnlyFailures) {
  const auto response = handle(event({"a", "bad1", "c", "d", "bad2", "f", "g", "h", "i", "bad3"}));
  ASSERT_TRUE(response.has_value());
  EXPECT_EQ(*response,
            R"({"batchItemFailures":[{"itemIdentifier":"m1"},{"itemIdentifier":"m4"},{"itemIdentifier":"m9"}]})");
  EXPECT_THAT(answers.batch_sizes, ElementsAre(7U));
  EXPECT_THAT(sent_bodies(), Not(::testing::Contains(HasSubstr("bad"))));
  EXPECT_THAT(log, HasSubstr(R"("event":"record_failed","requestId":"req-1","messageId":"m4","receiveCount":0,)"
                             R"("error":"invalid-data: no request id")"));
}

TEST_F(RecognitionTest, AStageThatThrowsKeepsItsRun) {
  options.records_per_run = 2;
  const auto response = handle(event({"a", "throw", "c"}));
  ASSERT_TRUE(response.has_value());
  EXPECT_EQ(*response, R"({"batchItemFailures":[{"itemIdentifier":"m0"},{"itemIdentifier":"m1"}]})");
  EXPECT_THAT(sent_bodies(), ElementsAre(HasSubstr("\"c\"")));
  EXPECT_THAT(log, HasSubstr(R"("event":"batch_failed")"));
}

TEST_F(RecognitionTest, AnErrorAnswerIsAnAnswer) {
  const auto response = handle(event({"wrong", "b"}));
  ASSERT_TRUE(response.has_value());
  EXPECT_EQ(*response, R"({"batchItemFailures":[]})");
  EXPECT_THAT(answers.sent[0].body, HasSubstr(R"("result":"error")"));
  EXPECT_THAT(lines, HasSubstr(R"("Answers":2,"ErrorAnswers":1)"));
}

TEST_F(RecognitionTest, ARefusedAnswerKeepsItsRecord) {
  answers.refused = {"\"b\""};
  const auto response = handle(event({"a", "b", "c"}));
  ASSERT_TRUE(response.has_value());
  EXPECT_EQ(*response, R"({"batchItemFailures":[{"itemIdentifier":"m1"}]})");
  EXPECT_EQ(answers.sent.size(), 2U);
  EXPECT_THAT(log, HasSubstr("throttled"));
}

TEST_F(RecognitionTest, AQueueThatIsAwayKeepsAllRecords) {
  answers.away = true;
  const auto response = handle(event({"a", "b"}));
  ASSERT_TRUE(response.has_value());
  EXPECT_EQ(*response, R"({"batchItemFailures":[{"itemIdentifier":"m0"},{"itemIdentifier":"m1"}]})");
}

TEST_F(RecognitionTest, AnswersAreSplitAtTheQueuesLimit) {
  options.max_batch_bytes = 100;  // two of these answers are more
  const auto response = handle(event({std::string(30, 'a'), std::string(30, 'b'), std::string(30, 'c')}));
  ASSERT_TRUE(response.has_value());
  EXPECT_THAT(answers.batch_sizes, ElementsAre(1U, 1U, 1U));
  EXPECT_EQ(answers.sent.size(), 3U);
}

TEST_F(RecognitionTest, NothingIsBegunWhenTheDeadlineIsNear) {
  time_left = milliseconds{499};
  const auto response = handle(event({"a", "b"}));
  ASSERT_TRUE(response.has_value());
  EXPECT_EQ(*response, R"({"batchItemFailures":[{"itemIdentifier":"m0"},{"itemIdentifier":"m1"}]})");
  EXPECT_THAT(runs, IsEmpty());
  EXPECT_THAT(log, HasSubstr(R"("event":"deadline_near","requestId":"req-1","unfinished":2)"));
}

TEST_F(RecognitionTest, StopsBetweenRunsBeforeTheDeadline) {
  // 23 records are three runs of 1 s; with 2.4 s left the third would pass the deadline less the reserve.
  run_time = milliseconds{1'000};
  time_left = milliseconds{2'900};
  std::vector<std::string> bodies;
  for (int i = 0; i < 23; ++i) {
    bodies.push_back("p" + std::to_string(i));
  }
  const auto response = handle(event(bodies));
  ASSERT_TRUE(response.has_value());
  EXPECT_EQ(*response,
            R"({"batchItemFailures":[{"itemIdentifier":"m20"},{"itemIdentifier":"m21"},{"itemIdentifier":"m22"}]})");
  EXPECT_THAT(runs, ElementsAre(10U, 10U));
  EXPECT_EQ(answers.sent.size(), 20U);
}

// One record of a FIFO queue for each (body, group).
std::string fifo_event(const std::vector<std::pair<std::string, std::string>>& records) {
  std::string json = R"({"Records":[)";
  for (std::size_t i = 0; i < records.size(); ++i) {
    json += std::string(i == 0 ? "" : ",") + R"({"eventSource":"aws:sqs","eventSourceARN":"arn:aws:sqs:r:1:q.fifo",)" +
            R"("messageId":"m)" + std::to_string(i) + R"(","body":")" + records[i].first +
            R"(","attributes":{"MessageGroupId":")" + records[i].second + R"(","SequenceNumber":"1"}})";
  }
  return json + "]}";
}

TEST_F(RecognitionTest, TenRecordsOfAFifoQueueKeepTheirOrder) {
  std::vector<std::pair<std::string, std::string>> records;
  for (int i = 0; i < 10; ++i) {
    records.emplace_back("r" + std::to_string(i), i % 2 == 0 ? "a" : "b");
  }
  ASSERT_EQ(handle(fifo_event(records)).value(), R"({"batchItemFailures":[]})");
  ASSERT_EQ(answers.sent.size(), 10U);
  for (std::size_t i = 0; i < 10; ++i) {
    EXPECT_THAT(answers.sent[i].body, HasSubstr(R"("request_id":")" + records[i].first));
    EXPECT_EQ(answers.sent[i].group_id, "") << "the response queue is a standard one";
  }
}

TEST_F(RecognitionTest, OfAFifoQueueTheFollowersOfAFailureInItsGroupFailToo) {
  const auto response = handle(fifo_event({{"a0", "a"}, {"bad", "a"}, {"b0", "b"}, {"a1", "a"}, {"b1", "b"}}));
  EXPECT_EQ(response.value(), R"({"batchItemFailures":[{"itemIdentifier":"m1"},{"itemIdentifier":"m3"}]})");
  EXPECT_THAT(sent_bodies(), ElementsAre(HasSubstr("\"a0\""), HasSubstr("\"b0\""), HasSubstr("\"b1\"")));
}

TEST_F(RecognitionTest, AFailedGroupIsNotBegunInTheRunsThatFollow) {
  options.records_per_run = 2;
  const auto response = handle(fifo_event({{"bad", "a"}, {"b0", "b"}, {"a1", "a"}, {"a2", "a"}, {"b1", "b"}}));
  EXPECT_EQ(response.value(),
            R"({"batchItemFailures":[{"itemIdentifier":"m0"},{"itemIdentifier":"m2"},{"itemIdentifier":"m3"}]})");
  EXPECT_THAT(runs, ElementsAre(2U, 1U));
}

TEST_F(RecognitionTest, OfAFifoQueueAnUnsentAnswerFailsItsFollowers) {
  answers.refused = {"\"a0\""};
  const auto response = handle(fifo_event({{"a0", "a"}, {"a1", "a"}, {"b0", "b"}}));
  EXPECT_EQ(response.value(), R"({"batchItemFailures":[{"itemIdentifier":"m0"},{"itemIdentifier":"m1"}]})");
}

TEST_F(RecognitionTest, OnAStandardQueueAGroupIsNoOrder) {
  const auto response = handle(event({"bad", "b"}, R"({"MessageGroupId":"camera"})"));
  EXPECT_EQ(response.value(), R"({"batchItemFailures":[{"itemIdentifier":"m0"}]})");
}

TEST_F(RecognitionTest, AnswersToAFifoQueueHaveTheGroupOfTheirRecord) {
  options.fifo_answers = true;
  ASSERT_TRUE(handle(fifo_event({{"a0", "camera"}, {"a1", "camera"}})).has_value());
  EXPECT_EQ(answers.sent[1].group_id, "camera");
  EXPECT_EQ(answers.sent[1].deduplication_id.size(), 64U);
  EXPECT_NE(answers.sent[0].deduplication_id, answers.sent[1].deduplication_id);
}

TEST_F(RecognitionTest, CarriesTheTraceThrough) {
  ASSERT_TRUE(handle(event({"a"}, R"({"AWSTraceHeader":"Root=message"})")).has_value());
  ASSERT_TRUE(handle(event({"b"})).has_value());
  EXPECT_EQ(answers.sent[0].trace_header, "Root=message");
  EXPECT_EQ(answers.sent[1].trace_header, "Root=invocation");
}

TEST_F(RecognitionTest, WhatIsNoBatchFailsWhole) {
  const auto response = handle(R"({"body":"x"})");
  ASSERT_FALSE(response.has_value());
  EXPECT_EQ(response.error().code, ErrorCode::kInvalidData);
  EXPECT_EQ(response.error().message, "event: expected a batch of SQS messages in \"Records\"");
}

TEST_F(RecognitionTest, AnEmptyBatchIsDone) {
  const auto response = handle(R"({"Records":[]})");
  ASSERT_TRUE(response.has_value());
  EXPECT_EQ(*response, R"({"batchItemFailures":[]})");
  EXPECT_THAT(answers.batch_sizes, IsEmpty());
}

}  // namespace
}  // namespace facepipe::lambda_app
