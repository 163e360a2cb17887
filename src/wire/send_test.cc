#include "wire/send.h"

#include <gtest/gtest.h>

#include "queue/test_queue.h"
#include "queue/validation.h"

namespace facepipe::wire {
namespace {

std::vector<queue::OutgoingMessage> messages(std::size_t count, std::size_t bytes) {
  std::vector<queue::OutgoingMessage> all(count);
  for (std::size_t i = 0; i < count; ++i) {
    all[i].body = std::to_string(i) + std::string(bytes - std::to_string(i).size(), '.');
  }
  return all;
}

const Error kAway{ErrorCode::kUnavailable, "the queue is away"};

TEST(SendAll, TensAndTheRest) {
  queue::FakeQueue queue;
  const auto all = messages(23, 5);
  const SendOutcome outcome = send_all(queue, all, 1000);
  EXPECT_EQ(outcome.stored, 23U);
  EXPECT_FALSE(outcome.first_error);
  EXPECT_EQ(queue.batches, (std::vector<std::size_t>{10, 10, 3}));
  for (std::size_t i = 0; i < all.size(); ++i) {
    EXPECT_EQ(queue.stored[i].body, all[i].body);
  }
  EXPECT_EQ(send_all(queue, {}, 1000).stored, 0U);
}

TEST(SendAll, ABatchStaysWithinItsBytes) {
  queue::FakeQueue queue;
  EXPECT_EQ(send_all(queue, messages(7, 100), 300).stored, 7U);
  EXPECT_EQ(queue.batches, (std::vector<std::size_t>{3, 3, 1}));
  queue.batches.clear();
  EXPECT_EQ(send_all(queue, messages(2, 100), 50).stored, 2U);  // the queue, not this, refuses what is too large
  EXPECT_EQ(queue.batches, (std::vector<std::size_t>{1, 1}));
}

TEST(SendAll, WhatABatchDidNotStoreIsSentOnceMoreAlone) {
  queue::FakeQueue queue;
  queue.message_error = [](const queue::OutgoingMessage& message, bool in_batch) -> std::optional<Error> {
    return in_batch && message.body[0] == '1' ? std::optional<Error>(kAway) : std::nullopt;
  };
  const SendOutcome outcome = send_all(queue, messages(3, 5), 1000);
  EXPECT_EQ(outcome.stored, 3U);
  EXPECT_FALSE(outcome.first_error);
  EXPECT_EQ(queue.sent_alone, 1U);
}

TEST(SendAll, CountsWhatIsLost) {
  queue::FakeQueue queue;
  queue.message_error = [](const queue::OutgoingMessage& message, bool) -> std::optional<Error> {
    return message.body[0] == '1' ? std::optional<Error>(kAway) : std::nullopt;
  };
  const SendOutcome outcome = send_all(queue, messages(12, 5), 1000);  // 1, 10 and 11 fail
  EXPECT_EQ(outcome.stored, 9U);
  ASSERT_TRUE(outcome.first_error);
  EXPECT_EQ(outcome.first_error->message, "the queue is away");
  EXPECT_EQ(queue.sent_alone, 3U);
}

TEST(SendAll, AFailedCallEndsTheWork) {
  queue::FakeQueue queue;
  queue.batch_error = kAway;
  const SendOutcome outcome = send_all(queue, messages(23, 5), 1000);
  EXPECT_EQ(outcome.stored, 0U);
  ASSERT_TRUE(outcome.first_error);
  EXPECT_EQ(queue.batches.size(), 1U);
  EXPECT_EQ(queue.sent_alone, 0U);
}

// What travels with an answer comes from a message of any queue, and goes to one that is strict.
TEST(AnswerMessage, IsTakenByAQueueWhateverItAnswers) {
  Answer answer;
  answer.request_id = "r\xEF\xBF\xBE";
  answer.result = "ada";
  queue::QueueAttributes fifo;
  fifo.fifo = true;
  for (const std::string& group : {std::string("g"), std::string(), std::string("a b"), std::string(200, 'g')}) {
    const queue::OutgoingMessage message = answer_message(answer, {true, group, std::string(300, 't')});
    EXPECT_TRUE(queue::validate_message(message)) << group;
    EXPECT_TRUE(queue::validate_for_queue(message, fifo)) << group;
    EXPECT_EQ(message.trace_header, "");
  }
  EXPECT_EQ(answer_message(answer, {true, "g", "Root=1-2-3"}).group_id, "g");
  EXPECT_EQ(answer_message(answer, {false, "g", "Root=1-2-3"}).trace_header, "Root=1-2-3");
}

}  // namespace
}  // namespace facepipe::wire
