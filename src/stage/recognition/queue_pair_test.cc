#include "stage/recognition/queue_pair.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "queue/queue_error.h"
#include "queue/test_queue.h"

namespace facepipe::stage {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

struct QueuePairTest : ::testing::Test {
  // Receives `count` messages; their completions are answered with "to N".
  std::vector<Completion> take(int count) {
    for (int i = 0; i < count; ++i) {
      requests.put(std::to_string(i));
    }
    std::vector<Completion> completions;
    queue::ReceiveOptions options;
    options.max_messages = count;
    const auto received = pair.receive(options).value();
    for (const queue::ReceivedMessage& message : received) {
      completions.push_back({message.receipt_handle, queue::OutgoingMessage{}});
      completions.back().answer->body = "to " + message.body;
    }
    return completions;
  }
  // A message whose only try fails; returns why it could not be moved, if it could not.
  std::vector<std::string> fail_for_good(queue::FakeQueue& dead_letters) {
    std::vector<std::string> told;
    QueuePair with_dead_letters(
        requests, answers, {.dead_letters = &dead_letters, .max_receives = 1, .not_moved = [&told](const Error& error) {
                              told.push_back(error.message);
                            }});
    requests.put("poison");
    const auto received = with_dead_letters.receive({}).value();
    EXPECT_TRUE(with_dead_letters.put_back(received.front(), std::chrono::seconds{7}, "why"));
    return told;
  }
  queue::FakeQueue requests;
  queue::FakeQueue answers;
  QueuePair pair{requests, answers};
};

std::vector<Settled> settled(const std::vector<CompletionResult>& results) {
  std::vector<Settled> all;
  for (const CompletionResult& result : results) {
    all.push_back(result.settled);
  }
  return all;
}

TEST_F(QueuePairTest, TenAnswersAreOneCallAndSoAreTenRemovals) {
  const auto results = pair.complete(take(10));
  EXPECT_EQ(settled(results), std::vector<Settled>(10, Settled::kDone));
  EXPECT_THAT(answers.batches, ElementsAre(10U));
  EXPECT_EQ(requests.removed.size(), 10U);
}

TEST_F(QueuePairTest, BatchesStayWithinTheirBytes) {
  QueuePair narrow(requests, answers, {.max_batch_bytes = 9});  // two answers of four bytes each
  EXPECT_EQ(settled(narrow.complete(take(5))), std::vector<Settled>(5, Settled::kDone));
  EXPECT_THAT(answers.batches, ElementsAre(2U, 2U, 1U));
}

TEST_F(QueuePairTest, AnAnswerThatIsNotSentKeepsItsMessage) {
  answers.message_error = [](const auto& message, bool) -> std::optional<Error> {
    if (message.body == "to 1") {
      return Error{ErrorCode::kUnavailable, "throttled"};
    }
    return message.body == "to 2" ? std::optional(Error{ErrorCode::kTooLarge, "too long"}) : std::nullopt;
  };
  const auto results = pair.complete(take(4));
  EXPECT_THAT(settled(results), ElementsAre(Settled::kDone, Settled::kAway, Settled::kRefused, Settled::kDone));
  EXPECT_EQ(results[1].error->message, "throttled");
  EXPECT_EQ(answers.sent_alone, 2U) << "each is tried once more alone";
  EXPECT_THAT(requests.removed, ElementsAre("0", "3"));
  EXPECT_EQ(requests.hidden(), 2U);
}

TEST_F(QueuePairTest, AQueueThatIsAwayKeepsAll) {
  for (const ErrorCode code : {ErrorCode::kUnavailable, ErrorCode::kNotFound, ErrorCode::kPermission}) {
    answers.batch_error = Error{code, "away"};
    EXPECT_THAT(settled(pair.complete(take(2))), ElementsAre(Settled::kAway, Settled::kAway));
  }
  EXPECT_THAT(requests.removed, IsEmpty());
}

// What stands before the queue answers in its place, with a page of its own: that says nothing of the message.
TEST_F(QueuePairTest, AQueueWhoseResponseNobodyCanReadIsAway) {
  answers.batch_error = Error{ErrorCode::kInvalidData, "SQS response: expected a JSON object"};
  EXPECT_THAT(settled(pair.complete(take(2))), ElementsAre(Settled::kAway, Settled::kAway));
  answers.batch_error =
      queue::queue_error(queue::QueueErrorKind::kInvalidMessageContents, "characters that no message may have");
  EXPECT_THAT(settled(pair.complete(take(2))), ElementsAre(Settled::kRefused, Settled::kRefused));
}

TEST_F(QueuePairTest, ARemovalThatFailsInTheBatchIsTriedAlone) {
  requests.remove_error = [](const std::string& handle, bool in_batch) -> std::optional<Error> {
    if (handle == "m1/1" && in_batch) {
      return Error{ErrorCode::kUnavailable, "throttled"};
    }
    return handle == "m2/1" ? std::optional(Error{ErrorCode::kUnavailable, "throttled"}) : std::nullopt;
  };
  EXPECT_THAT(settled(pair.complete(take(2))), ElementsAre(Settled::kDone, Settled::kAnswered));
  EXPECT_THAT(requests.removed, ElementsAre("0"));
  EXPECT_EQ(answers.stored.size(), 2U);
}

TEST_F(QueuePairTest, WithoutAnAnswerItIsOnlyRemoved) {
  std::vector<Completion> completions = take(1);
  completions[0].answer.reset();
  EXPECT_THAT(settled(pair.complete(completions)), ElementsAre(Settled::kDone));
  EXPECT_THAT(answers.batches, IsEmpty());
  EXPECT_THAT(requests.removed, ElementsAre("0"));
}

TEST_F(QueuePairTest, WithADeadLetterQueueTheLastTryMovesTheMessageWithItsReason) {
  queue::FakeQueue dead_letters;
  QueuePair with_dead_letters(requests, answers, {.dead_letters = &dead_letters, .max_receives = 2});
  requests.put("poison");
  const auto first = with_dead_letters.receive({}).value();
  ASSERT_TRUE(with_dead_letters.put_back(first.front(), std::chrono::seconds{0}, "internal: why"));
  EXPECT_TRUE(dead_letters.stored.empty()) << "it has another try";
  const auto last = with_dead_letters.receive({}).value();
  ASSERT_EQ(last.size(), 1U);
  ASSERT_TRUE(with_dead_letters.put_back(last.front(), std::chrono::seconds{0}, "internal: why\x01"));
  ASSERT_EQ(dead_letters.stored.size(), 1U);
  EXPECT_EQ(dead_letters.stored[0].body, "poison");
  EXPECT_EQ(dead_letters.stored[0].attributes.at("facepipe.reason").value, "internal: why?");
  EXPECT_EQ(dead_letters.stored[0].attributes.at("facepipe.receive_count").value, "2");
  EXPECT_THAT(requests.removed, ElementsAre("poison"));
}

// Amazon's redrive leaves a letter its attributes: the next time it dies of something else.
TEST_F(QueuePairTest, ALetterThatCameBackGetsItsLastReason) {
  queue::FakeQueue dead_letters;
  QueuePair with_dead_letters(requests, answers, {.dead_letters = &dead_letters, .max_receives = 1});
  queue::ReceivedMessage again;
  again.body = "poison";
  again.receive_count = 7;
  again.attributes[std::string(queue::kReasonAttribute)] = {"String", "an old one"};
  again.attributes[std::string(queue::kReceiveCountAttribute)] = {"Number", "5"};
  for (int i = 0; i < 8; ++i) {
    again.attributes["own" + std::to_string(i)] = {"String", "kept"};
  }
  ASSERT_TRUE(with_dead_letters.put_back(again, std::chrono::seconds{0}, "a new one"));
  ASSERT_EQ(dead_letters.stored.size(), 1U);
  const queue::MessageAttributes& attributes = dead_letters.stored[0].attributes;
  EXPECT_EQ(attributes.size(), 10U);
  EXPECT_EQ(attributes.at(std::string(queue::kReasonAttribute)).value, "a new one");
  EXPECT_EQ(attributes.at(std::string(queue::kReceiveCountAttribute)).value, "7");
}

TEST_F(QueuePairTest, ADeadLetterQueueThatIsAwayLeavesTheMessageWhereItIs) {
  queue::FakeQueue dead_letters;
  dead_letters.message_error = [](const queue::OutgoingMessage&, bool) {
    return std::optional<Error>(Error{ErrorCode::kUnavailable, "away"});
  };
  const std::vector<std::string> told = fail_for_good(dead_letters);
  EXPECT_THAT(requests.removed, IsEmpty());
  EXPECT_THAT(requests.visibilities, ElementsAre(std::pair(std::string("poison"), std::chrono::seconds(7))));
  EXPECT_THAT(told, ElementsAre("away"));
}

TEST_F(QueuePairTest, ALetterThatIsOnBothQueuesIsSaidToBe) {
  queue::FakeQueue dead_letters;
  requests.remove_error = [](const std::string&, bool) {
    return std::optional<Error>(Error{ErrorCode::kUnavailable, "throttled"});
  };
  const std::vector<std::string> told = fail_for_good(dead_letters);
  EXPECT_EQ(dead_letters.stored.size(), 1U);
  EXPECT_THAT(told, ElementsAre("it is among the dead letters and could not be removed from its queue: throttled"));
}

}  // namespace
}  // namespace facepipe::stage
