#include "stage/recognition/settle.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace facepipe::stage {
namespace {

using std::chrono::seconds;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::IsEmpty;

constexpr const char* kWhole = "the batch that it was in failed as a whole";

queue::ReceivedMessage message(const std::string& receipt, const std::string& group, bool fifo) {
  queue::ReceivedMessage made;
  made.receipt_handle = receipt;
  made.group_id = group;
  made.trace_header = "Root=" + receipt;
  if (fifo) {
    made.sequence_number = "1";
  }
  return made;
}

FaceOutcome outcome(const std::string& result) {
  FaceOutcome made;
  if (!result.empty()) {
    made.answer.emplace();
    made.answer->request_id = "r";
    made.answer->result = result;
  }
  return made;
}

// Of what comes again: the message and why.
auto again(std::size_t message, const std::string& reason) {
  return AllOf(Field(&Plan::Again::message, message), Field(&Plan::Again::reason, reason));
}
auto completes(std::size_t message, bool is_error) {
  return AllOf(Field(&Completion::message, message), Field(&Completion::is_error, is_error));
}

TEST(RetryDelay, DoublesUpToAMinute) {
  EXPECT_EQ(retry_delay(1), seconds{2});
  EXPECT_EQ(retry_delay(2), seconds{4});
  EXPECT_EQ(retry_delay(5), seconds{32});
  EXPECT_EQ(retry_delay(6), seconds{60});
  EXPECT_EQ(retry_delay(1'000), seconds{60});
  EXPECT_EQ(retry_delay(0), seconds{2});
  EXPECT_EQ(retry_delay(-7), seconds{2});
}

TEST(PlanBatch, WhatHasNoAnswerComesAgain) {
  const std::vector messages = {message("a", "g", false), message("b", "g", false), message("c", "", false)};
  const std::vector outcomes = {outcome(""), outcome("error"), outcome("ann")};
  const Plan plan = plan_batch(messages, outcomes, false);
  EXPECT_THAT(plan.again, ElementsAre(again(0, kWhole)));
  EXPECT_THAT(plan.completions, ElementsAre(completes(1, true), completes(2, false)));
  EXPECT_EQ(plan.completions[1].receipt_handle, "c");
  EXPECT_EQ(plan.completions[1].answer->trace_header, "Root=c");
  EXPECT_EQ(plan.completions[1].answer->group_id, "");
  EXPECT_EQ(plan.completions[1].answer->body, R"({"request_id":"r","result":"ann","face_index":0,"face_count":1})");
}

TEST(PlanBatch, OnAFifoQueueTheFollowersOfAFailureComeAgain) {
  const std::vector messages = {message("a", "x", true), message("b", "y", true), message("c", "x", true),
                                message("d", "y", true)};
  const std::vector outcomes = {outcome(""), outcome("ann"), outcome("bob"), outcome("eve")};
  const Plan plan = plan_batch(messages, outcomes, false);
  EXPECT_THAT(plan.again, ElementsAre(again(0, kWhole), again(2, "follows a message of its group that failed")));
  EXPECT_THAT(plan.completions, ElementsAre(completes(1, false), completes(3, false)));
}

TEST(PlanBatch, MissingOutcomesComeAgain) {
  const std::vector messages = {message("a", "", false), message("b", "", false)};
  const Plan plan = plan_batch(messages, {}, false);
  EXPECT_THAT(plan.again, ElementsAre(again(0, kWhole), again(1, kWhole)));
  EXPECT_THAT(plan.completions, IsEmpty());
}

TEST(PlanBatch, AnswersToAFifoQueueHaveAGroupAndAnIdOfTheirOwn) {
  const std::vector messages = {message("a", "camera", false), message("b", "", false), message("c", "", false)};
  const std::vector outcomes = {outcome("ann"), outcome("ann"), outcome("ann")};
  Plan plan = plan_batch(messages, outcomes, true);
  EXPECT_EQ(plan.completions[0].answer->group_id, "camera");
  // SHA-256 of "r".
  EXPECT_EQ(plan.completions[1].answer->group_id, "454349e422f05297191ead13e21d3db520e5abef52055e4964b82fb213f593a1");
  EXPECT_EQ(plan.completions[1].answer->deduplication_id, plan.completions[2].answer->deduplication_id);
  EXPECT_EQ(plan.completions[1].answer->deduplication_id.size(), 64U);
}

// The queue would drop the second, and nobody would be told of the second picture.
TEST(PlanBatch, AnswersToTwoPicturesUnderOneIdAreTwoOnAFifoQueue) {
  std::vector messages = {message("a", "", false), message("b", "", false), message("c", "", false)};
  messages[0].body = "one face";
  messages[1].body = "another";
  messages[2].body = "one face";
  const Plan plan = plan_batch(messages, std::vector(3, outcome("ann")), true);
  EXPECT_NE(plan.completions[0].answer->deduplication_id, plan.completions[1].answer->deduplication_id);
  EXPECT_EQ(plan.completions[0].answer->deduplication_id, plan.completions[2].answer->deduplication_id);
}

}  // namespace
}  // namespace facepipe::stage
