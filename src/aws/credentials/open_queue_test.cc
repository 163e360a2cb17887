#include "aws/credentials/open_queue.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "aws/credentials/test_service.h"
#include "base/hash.h"

namespace facepipe::aws {
namespace {

using ::testing::HasSubstr;

class OpenQueueTest : public HomeTest {
 protected:
  Result<OpenedQueue> open(const std::string& url, Environment more = {}, const std::string& endpoint = {}) {
    QueueOptions options;
    options.environment = environment(std::move(more));
    options.endpoint = endpoint;
    options.retry.max_attempts = 1;
    return open_queue(url, std::move(options));
  }
  // The authorization header of one message sent.
  std::string sent_with(OpenedQueue& opened) {
    service_.answer(200, R"({"MessageId":"m","MD5OfMessageBody":")" + md5_hex(as_bytes("body")) + "\"}");
    queue::OutgoingMessage message;
    message.body = "body";
    const auto sent = opened.queue->send(message);
    EXPECT_TRUE(sent) << sent.error().message;
    return std::string(http::header(service_.requests().back().headers, "authorization"));
  }

  FakeService service_;
  const Environment key_ = {{"AWS_ACCESS_KEY_ID", "AKID"}, {"AWS_SECRET_ACCESS_KEY", "S"}};
  const std::string amazon_ = "https://sqs.eu-west-1.amazonaws.com/123456789012/q";
};

TEST_F(OpenQueueTest, LoopbackWithoutCredentialsIsUnsigned) {
  auto opened = open(service_.url() + "/000000000000/q");
  ASSERT_TRUE(opened) << opened.error().message;
  EXPECT_EQ(opened->signer, nullptr);
  EXPECT_EQ(sent_with(*opened), "");
}

TEST_F(OpenQueueTest, LoopbackWithCredentialsIsSigned) {
  auto opened = open(service_.url() + "/000000000000/q", key_);
  ASSERT_TRUE(opened) << opened.error().message;
  EXPECT_THAT(sent_with(*opened), HasSubstr("/us-east-1/sqs/aws4_request"));
  Environment with_region = key_;
  with_region["REGION"] = "eu-west-3";
  auto there = open(service_.url() + "/000000000000/q", with_region);
  ASSERT_TRUE(there) << there.error().message;
  EXPECT_THAT(sent_with(*there), HasSubstr("Credential=AKID/"));
  EXPECT_THAT(sent_with(*there), HasSubstr("/eu-west-3/sqs/aws4_request"));
}

TEST_F(OpenQueueTest, AnEndpointTakesTheUrlsPlaceAndTheUrlKeepsItsRegion) {
  Environment environment = key_;
  environment["AWS_ENDPOINT_URL_SQS"] = service_.url();
  auto opened = open(amazon_, environment);
  ASSERT_TRUE(opened) << opened.error().message;
  EXPECT_THAT(sent_with(*opened), HasSubstr("/eu-west-1/sqs/aws4_request"));
  EXPECT_THAT(service_.requests().back().body, HasSubstr(amazon_));
  environment["AWS_ENDPOINT_URL_SQS"] = "http://127.0.0.1:1";
  auto named = open(amazon_, environment, service_.url());
  ASSERT_TRUE(named) << named.error().message;
  EXPECT_NE(sent_with(*named), "");
}

TEST_F(OpenQueueTest, ElsewhereCredentialsAndRegionAreNeeded) {
  const auto without = open(amazon_);
  ASSERT_FALSE(without);
  EXPECT_EQ(without.error().code, ErrorCode::kNotFound);
  const auto plain = open("http://sqs.example:9324/000000000000/q", {{"AWS_REGION", "eu-west-1"}});
  ASSERT_FALSE(plain);
  EXPECT_EQ(plain.error().code, ErrorCode::kNotFound);
  const auto nowhere = open("https://sqs.example/000000000000/q", key_);
  ASSERT_FALSE(nowhere);
  EXPECT_THAT(nowhere.error().message, HasSubstr("expected a region in AWS_REGION, REGION, AWS_DEFAULT_REGION, "));
  EXPECT_TRUE(open(amazon_, key_));
}

TEST_F(OpenQueueTest, ABrokenSourceIsAnErrorOnLoopbackToo) {
  const auto broken = open(service_.url() + "/000000000000/q", {{"AWS_ACCESS_KEY_ID", "AKID"}});
  ASSERT_FALSE(broken);
  EXPECT_THAT(broken.error().message, HasSubstr("AWS_SECRET_ACCESS_KEY is not set"));
  EXPECT_FALSE(open("queue", key_));
  EXPECT_FALSE(open(amazon_, key_, "endpoint"));
}

TEST_F(OpenQueueTest, CredentialsCanBeShared) {
  StaticCredentials shared({"SHARED", "S", "", {}});
  QueueOptions options;
  options.environment = environment();
  options.credentials = &shared;
  auto opened = open_queue(service_.url() + "/000000000000/q", std::move(options));
  ASSERT_TRUE(opened) << opened.error().message;
  EXPECT_EQ(opened->credentials, nullptr);
  EXPECT_THAT(sent_with(*opened), HasSubstr("Credential=SHARED/"));
}

}  // namespace
}  // namespace facepipe::aws
