#include "serve/sqs/queue_settings.h"

#include <gtest/gtest.h>

#include "queue/queue_error.h"
#include "serve/sqs/protocol.h"

namespace facepipe::serve::sqs {
namespace {

using queue::QueueErrorKind;
using std::chrono::seconds;

const QueueAddresses kSettingsAddresses{"http://localhost", "000000000000", "us-east-1"};

Result<queue::QueueAttributes> with(const AttributeTexts& texts, const queue::QueueAttributes& base = {}) {
  return with_attributes(base, texts, kSettingsAddresses);
}

QueueErrorKind kind_of(const AttributeTexts& texts) {
  const auto result = with(texts);
  return result ? QueueErrorKind::kNone : queue::queue_error_kind(result.error());
}

TEST(QueueSettings, EveryAttribute) {
  const auto attributes =
      with({{"VisibilityTimeout", "1"},
            {"DelaySeconds", "2"},
            {"ReceiveMessageWaitTimeSeconds", "3"},
            {"MessageRetentionPeriod", "61"},
            {"MaximumMessageSize", "2048"},
            {"FifoQueue", "true"},
            {"ContentBasedDeduplication", "true"},
            {"RedrivePolicy",
             R"({"deadLetterTargetArn":"arn:aws:sqs:us-east-1:000000000000:d.fifo","maxReceiveCount":"5"})"}});
  ASSERT_TRUE(attributes) << attributes.error().message;
  EXPECT_EQ(attributes->visibility_timeout, seconds(1));
  EXPECT_EQ(attributes->delay, seconds(2));
  EXPECT_EQ(attributes->receive_wait, seconds(3));
  EXPECT_EQ(attributes->retention, seconds(61));
  EXPECT_EQ(attributes->maximum_message_bytes, 2048);
  EXPECT_TRUE(attributes->fifo);
  EXPECT_TRUE(attributes->content_based_deduplication);
  EXPECT_EQ(attributes->dead_letter_queue, "d.fifo");
  EXPECT_EQ(attributes->max_receive_count, 5);
}

TEST(QueueSettings, WhatIsNotGivenStaysAndAnEmptyPolicyEndsTheRedrive) {
  queue::QueueAttributes base;
  base.delay = seconds(9);
  base.dead_letter_queue = "d";
  base.max_receive_count = 3;
  EXPECT_EQ(with({{"VisibilityTimeout", "1"}}, base)->dead_letter_queue, "d");
  const auto without = with({{"RedrivePolicy", ""}}, base);
  EXPECT_EQ(without->dead_letter_queue, "");
  EXPECT_EQ(without->max_receive_count, 0);
  EXPECT_EQ(without->delay, seconds(9));
}

TEST(QueueSettings, BadValues) {
  for (const char* value : {"", "x", "1x", " 1", "99999999999999999999"}) {
    EXPECT_EQ(kind_of({{"DelaySeconds", value}}), QueueErrorKind::kInvalidAttributeValue) << value;
  }
  EXPECT_EQ(kind_of({{"FifoQueue", "yes"}}), QueueErrorKind::kInvalidAttributeValue);
  for (const char* policy :
       {"x", "[]", "{}", R"({"deadLetterTargetArn":"arn:aws:sqs:us-east-1:000000000000:d"})",
        R"({"deadLetterTargetArn":"d","maxReceiveCount":5})",
        R"({"deadLetterTargetArn":"arn:aws:sqs:us-east-1:000000000000:d","maxReceiveCount":0})",
        R"({"deadLetterTargetArn":"arn:aws:sqs:us-east-1:000000000000:d","maxReceiveCount":4294967297})"}) {
    EXPECT_EQ(kind_of({{"RedrivePolicy", policy}}), QueueErrorKind::kInvalidAttributeValue) << policy;
  }
}

TEST(QueueSettings, UnknownAndUnsupportedNames) {
  EXPECT_EQ(kind_of({{"Colour", "red"}}), QueueErrorKind::kInvalidAttributeName);
  EXPECT_EQ(kind_of({{"QueueArn", "x"}}), QueueErrorKind::kInvalidAttributeName) << "read-only";
  EXPECT_EQ(kind_of({{"Policy", "{}"}}), QueueErrorKind::kUnsupportedOperation);
  EXPECT_EQ(kind_of({{"FifoThroughputLimit", "perMessageGroupId"}}), QueueErrorKind::kUnsupportedOperation);
  EXPECT_EQ(kind_of({{"SqsManagedSseEnabled", "false"}, {"DeduplicationScope", "queue"}, {"FifoQueue", "true"}}),
            QueueErrorKind::kNone);
}

TEST(QueueSettings, AStandardQueueHasNoneOfAFifoQueuesAttributes) {
  EXPECT_EQ(kind_of({{"FifoQueue", "false"}}), QueueErrorKind::kInvalidAttributeName);
  EXPECT_EQ(kind_of({{"ContentBasedDeduplication", "false"}}), QueueErrorKind::kInvalidAttributeName);
  EXPECT_EQ(kind_of({{"ContentBasedDeduplication", "true"}}), QueueErrorKind::kInvalidAttributeName);
  EXPECT_EQ(kind_of({{"DeduplicationScope", "queue"}}), QueueErrorKind::kInvalidAttributeName);
  EXPECT_EQ(kind_of({{"FifoThroughputLimit", "perQueue"}}), QueueErrorKind::kInvalidAttributeName);
}

TEST(QueueSettings, AttributeNode) {
  queue::QueueStatistics statistics;
  statistics.visible = 4;
  statistics.created_at = Clock::TimePoint(std::chrono::milliseconds(1'700'000'000'999));
  queue::QueueAttributes attributes;
  attributes.dead_letter_queue = "d";
  attributes.max_receive_count = 5;
  const std::vector<std::string> some{"ApproximateNumberOfMessages", "CreatedTimestamp", "RedrivePolicy", "FifoQueue"};
  const auto node = attribute_node("q", attributes, statistics, some, kSettingsAddresses);
  ASSERT_TRUE(node);
  EXPECT_EQ(json_response(*node, "").body,
            R"({"ApproximateNumberOfMessages":"4","CreatedTimestamp":"1700000000","RedrivePolicy":)"
            R"("{\"deadLetterTargetArn\":\"arn:aws:sqs:us-east-1:000000000000:d\",\"maxReceiveCount\":5}"})");
  const std::vector<std::string> all{"All"};
  EXPECT_EQ(attribute_node("q", attributes, statistics, all, kSettingsAddresses)->object()->size(), 13U);
  attributes.fifo = true;
  EXPECT_EQ(attribute_node("q", attributes, statistics, all, kSettingsAddresses)->object()->size(), 17U);
  const std::vector<std::string> unknown{"Colour"};
  EXPECT_FALSE(attribute_node("q", attributes, statistics, unknown, kSettingsAddresses));
}

}  // namespace
}  // namespace facepipe::serve::sqs
