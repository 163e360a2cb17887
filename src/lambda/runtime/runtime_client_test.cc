#include "lambda/runtime/runtime_client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "http/test_socket.h"
#include "lambda/runtime/test_runtime_api.h"

namespace facepipe::lambda {
namespace {

using std::chrono::milliseconds;
using ::testing::ElementsAre;
using testing::FakeRuntimeApi;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

struct RuntimeClientTest : ::testing::Test {
  RuntimeClient make_client() { return make_client(api.address()); }
  RuntimeClient make_client(const std::string& address) {
    RuntimeClientOptions options;
    options.sleep = [this](milliseconds time) { slept.push_back(time); };
    options.post_timeout = std::chrono::minutes{1};
    auto client = RuntimeClient::create(address, options);
    EXPECT_TRUE(client.has_value());
    return *std::move(client);
  }
  // An invocation's headers, but with one left out or replaced.
  http::Response invocation_with(const std::string& name, const std::string& value) {
    http::Response response = http::make_response(200, "application/json", "{}");
    response.headers = {{"lambda-runtime-aws-request-id", "id"}, {"lambda-runtime-deadline-ms", "1"}};
    for (auto& [header_name, header_value] : response.headers) {
      if (header_name == name) {
        header_value = value;
      }
    }
    return response;
  }
  FakeRuntimeApi api;
  std::vector<milliseconds> slept;
};

TEST_F(RuntimeClientTest, NextReadsEveryHeader) {
  api.add_invocation("8476a536-e9f4", R"({"a":1})", "Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Sampled=1");
  auto client = make_client();
  const auto invocation = client.next();
  ASSERT_TRUE(invocation.has_value()) << invocation.error().message;
  EXPECT_EQ(invocation->payload, R"({"a":1})");
  EXPECT_EQ(invocation->request_id, "8476a536-e9f4");
  EXPECT_EQ(invocation->deadline.time_since_epoch(), milliseconds{1'700'000'000'123});
  EXPECT_EQ(invocation->trace_id, "Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Sampled=1");
  EXPECT_EQ(invocation->function_arn, "arn:aws:lambda:us-east-1:123456789012:function:face");
  EXPECT_EQ(invocation->client_context, R"({"client":{"app":"door"}})");
  EXPECT_EQ(invocation->cognito_identity, R"({"cognitoIdentityId":"us-east-1:1"})");
  const auto asked = api.requests("GET");
  ASSERT_EQ(asked.size(), 1U);
  EXPECT_EQ(asked[0].target, "/2018-06-01/runtime/invocation/next");
}

TEST_F(RuntimeClientTest, NextTakesAPayloadOfSixMebibytes) {
  api.add_invocation("id", std::string(kMaxPayloadBytes, 'x'));
  const auto invocation = make_client().next();
  ASSERT_TRUE(invocation.has_value()) << invocation.error().message;
  EXPECT_EQ(invocation->payload.size(), 6'291'456U);
}

TEST_F(RuntimeClientTest, NextRefusesWhatIsNoInvocation) {
  api.add_next(http::make_response(200, "application/json", "{}"));
  api.add_next(invocation_with("lambda-runtime-deadline-ms", "soon"));
  api.add_next(invocation_with("lambda-runtime-deadline-ms", "-5"));
  api.add_next(invocation_with("lambda-runtime-deadline-ms", "99999999999999999999"));
  api.add_next(http::make_response(403, "application/json", "{}"));
  auto client = make_client();
  const auto no_id = client.next();
  ASSERT_FALSE(no_id.has_value());
  EXPECT_EQ(no_id.error().code, ErrorCode::kInvalidData);
  EXPECT_THAT(no_id.error().message, HasSubstr("Lambda-Runtime-Aws-Request-Id"));
  for (const char* got : {"\"soon\"", "\"-5\"", "\"99999999999999999999\""}) {
    const auto bad = client.next();
    ASSERT_FALSE(bad.has_value());
    EXPECT_EQ(bad.error().code, ErrorCode::kInvalidData);
    EXPECT_THAT(bad.error().message, HasSubstr(got));
  }
  EXPECT_EQ(client.next().error().code, ErrorCode::kPermission);
  const auto server_error = client.next();
  EXPECT_EQ(server_error.error().code, ErrorCode::kUnavailable);
  EXPECT_THAT(server_error.error().message, HasSubstr("status 500"));
}

TEST_F(RuntimeClientTest, PostsTheResponseAsItIs) {
  ASSERT_TRUE(make_client().post_response("id-1", R"({"ok":true})").has_value());
  const auto posts = api.requests("POST");
  ASSERT_EQ(posts.size(), 1U);
  EXPECT_EQ(posts[0].target, "/2018-06-01/runtime/invocation/id-1/response");
  EXPECT_EQ(posts[0].body, R"({"ok":true})");
  EXPECT_EQ(http::header(posts[0].headers, "content-type"), "application/json");
  EXPECT_EQ(http::header(posts[0].headers, "lambda-runtime-function-error-type"), "");
  EXPECT_THAT(slept, IsEmpty());
}

TEST_F(RuntimeClientTest, PostsErrorsWithTheirType) {
  auto client = make_client();
  ASSERT_TRUE(client.post_error("id-2", {"Facepipe.InvalidData", "event: not \"JSON\""}).has_value());
  ASSERT_TRUE(client.post_init_error({"Facepipe.NotFound", "no file x"}).has_value());
  const auto posts = api.requests("POST");
  ASSERT_EQ(posts.size(), 2U);
  EXPECT_EQ(posts[0].target, "/2018-06-01/runtime/invocation/id-2/error");
  EXPECT_EQ(posts[0].body,
            R"({"errorMessage":"event: not \"JSON\"","errorType":"Facepipe.InvalidData","stackTrace":[]})");
  EXPECT_EQ(http::header(posts[0].headers, "lambda-runtime-function-error-type"), "Facepipe.InvalidData");
  EXPECT_EQ(posts[1].target, "/2018-06-01/runtime/init/error");
  EXPECT_EQ(posts[1].body, R"({"errorMessage":"no file x","errorType":"Facepipe.NotFound","stackTrace":[]})");
}

TEST_F(RuntimeClientTest, TriesAFailedPostAgain) {
  api.add_post_status(500);
  api.add_post_status(503);
  ASSERT_TRUE(make_client().post_response("id", "1").has_value());
  EXPECT_EQ(api.requests("POST").size(), 3U);
  EXPECT_THAT(slept, ElementsAre(milliseconds{50}, milliseconds{100}));
}

TEST_F(RuntimeClientTest, GivesUpAfterFourAttempts) {
  for (int i = 0; i < 4; ++i) {
    api.add_post_status(500);
  }
  const Status posted = make_client().post_response("id", "1");
  ASSERT_FALSE(posted.has_value());
  EXPECT_EQ(posted.error().code, ErrorCode::kUnavailable);
  EXPECT_EQ(api.requests("POST").size(), 4U);
}

TEST_F(RuntimeClientTest, DoesNotRepeatWhatTheServiceRefuses) {
  api.add_post_status(413);
  api.add_post_status(400);
  auto client = make_client();
  EXPECT_EQ(client.post_response("id", "1").error().code, ErrorCode::kTooLarge);
  EXPECT_EQ(client.post_response("id", "1").error().code, ErrorCode::kPermission);
  EXPECT_EQ(api.requests("POST").size(), 2U);
  EXPECT_THAT(slept, IsEmpty());
}

TEST_F(RuntimeClientTest, ReportsAnApiThatIsAway) {
  const http::testing::ClosedPort nobody;
  auto client = make_client("127.0.0.1:" + std::to_string(nobody.port()));
  EXPECT_EQ(client.post_response("id", "1").error().code, ErrorCode::kUnavailable);
  EXPECT_THAT(slept, ElementsAre(milliseconds{50}, milliseconds{100}, milliseconds{200}));
  EXPECT_EQ(client.next().error().code, ErrorCode::kUnavailable);
}

TEST(RuntimeClient, CreateSaysWhatItExpected) {
  for (const char* bad : {"", "host:port", "127.0.0.1:99999"}) {
    const auto client = RuntimeClient::create(bad);
    ASSERT_FALSE(client.has_value()) << bad;
    EXPECT_EQ(client.error().code, ErrorCode::kInvalidArgument);
    EXPECT_EQ(client.error().message, "AWS_LAMBDA_RUNTIME_API: expected HOST:PORT, got \"" + std::string(bad) + "\"");
  }
}

TEST(Invocation, RemainingTimeIsNeverNegative) {
  Invocation invocation;
  invocation.deadline = Clock::TimePoint{milliseconds{10'000}};
  EXPECT_EQ(invocation.remaining(Clock::TimePoint{milliseconds{4'000}}), milliseconds{6'000});
  EXPECT_EQ(invocation.remaining(Clock::TimePoint{milliseconds{10'000}}), milliseconds{0});
  EXPECT_EQ(invocation.remaining(Clock::TimePoint{milliseconds{12'000}}), milliseconds{0});
}

}  // namespace
}  // namespace facepipe::lambda
