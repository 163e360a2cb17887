#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "parts.h"

namespace facepipe::lambda_app {
namespace {

using ::testing::StartsWith;

TEST(SigningRegion, TheConfiguredOneGoesFirst) {
  EXPECT_EQ(*signing_region("https://sqs.eu-west-1.amazonaws.com/1/q", "us-east-1"), "us-east-1");
  EXPECT_EQ(*signing_region("https://sqs.eu-west-1.amazonaws.com/1/q", ""), "eu-west-1");
  EXPECT_EQ(*signing_region("https://sqs.cn-north-1.amazonaws.com.cn/1/q", ""), "cn-north-1");
  for (const char* other : {"http://127.0.0.1:9324/1/q", "https://sqs.amazonaws.com/1/q"}) {
    const auto region = signing_region(other, "");
    ASSERT_FALSE(region.has_value()) << other;
    EXPECT_EQ(region.error().message, "REGION: expected the queue's region, got nothing");
  }
}

TEST(OpenQueue, SignsOnlyWithCredentials) {
  Config config;
  const auto unsigned_queue = open_queue("SQS_REQUEST_QUEUE_URL", "http://127.0.0.1:1/1/q", config, system_clock());
  ASSERT_TRUE(unsigned_queue.has_value());
  EXPECT_EQ(unsigned_queue->signer, nullptr);
  EXPECT_NE(unsigned_queue->queue, nullptr);
  config.credentials = aws::Credentials{"AKID", "secret", "", {}};
  EXPECT_FALSE(open_queue("SQS_REQUEST_QUEUE_URL", "http://127.0.0.1:1/1/q", config, system_clock()).has_value());
  config.region = "us-east-1";
  const auto signed_queue = open_queue("SQS_REQUEST_QUEUE_URL", "http://127.0.0.1:1/1/q", config, system_clock());
  ASSERT_TRUE(signed_queue.has_value());
  EXPECT_NE(signed_queue->signer, nullptr);
}

TEST(OpenQueue, NamesTheVariableOfABadUrl) {
  const auto queue = open_queue("SQS_RESPONSE_QUEUE_URL", "http://", Config{}, system_clock());
  ASSERT_FALSE(queue.has_value());
  EXPECT_THAT(queue.error().message, StartsWith("SQS_RESPONSE_QUEUE_URL: "));
}

}  // namespace
}  // namespace facepipe::lambda_app
