#include "aws/credentials/sts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "aws/credentials/test_service.h"
#include "aws/signing/sigv4.h"

namespace facepipe::aws {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr Clock::TimePoint kTime{std::chrono::milliseconds{1'440'938'160'000}};
const Credentials kCaller = {"AKIDEXAMPLE", "CALLERSECRET", "CALLERTOKEN-0123456789", {}};
const RoleRequest kRole = {"arn:aws:iam::123456789012:role/r", "session", "ext&id", 900};

class StsTest : public ::testing::Test {
 protected:
  StsTest() {
    endpoint_.url = *http::parse_url(service_.url() + "/");
    endpoint_.region = "eu-west-1";
  }

  ManualClock clock_{kTime};
  Environment environment_;
  SourceContext context_{environment_, clock_, ""};
  FakeService service_;
  StsEndpoint endpoint_;
};

TEST_F(StsTest, AssumeRoleIsSigned) {
  service_.answer(200, sts_answer("AssumeRole", "2030-01-01T00:00:00Z"));
  const auto credentials = assume_role(context_, endpoint_, kRole, kCaller);
  ASSERT_TRUE(credentials) << credentials.error().message;
  EXPECT_EQ(credentials->access_key_id, "ASIAROLE");
  EXPECT_EQ(credentials->secret_access_key, "role&secret");
  EXPECT_EQ(credentials->session_token, "role-token==");
  EXPECT_EQ(credentials->expires_at, Clock::TimePoint(std::chrono::milliseconds(1'893'456'000'000)));
  const http::Request asked = service_.requests().at(0);
  EXPECT_EQ(asked.method, "POST");
  EXPECT_EQ(asked.target, "/");
  EXPECT_EQ(asked.body,
            "Action=AssumeRole&Version=2011-06-15&RoleArn=arn%3Aaws%3Aiam%3A%3A123456789012%3Arole%2Fr&"
            "RoleSessionName=session&DurationSeconds=900&ExternalId=ext%26id");
  http::Request expected;
  expected.method = "POST";
  expected.headers = {{"content-type", "application/x-www-form-urlencoded"}};
  expected.body = asked.body;
  sign_v4(expected, endpoint_.url, {"eu-west-1", "sts"}, kCaller, kTime);
  EXPECT_EQ(http::header(asked.headers, "authorization"), http::header(expected.headers, "authorization"));
  EXPECT_EQ(http::header(asked.headers, "x-amz-security-token"), kCaller.session_token);
}

TEST_F(StsTest, WebIdentityIsUnsigned) {
  service_.answer(200, sts_answer("AssumeRoleWithWebIdentity", "2030-01-01T00:00:00.000Z"));
  ASSERT_TRUE(assume_role_with_web_identity(context_, endpoint_, {"arn", "", "", 0}, "eyJ.to/ken"));
  const http::Request asked = service_.requests().at(0);
  EXPECT_EQ(asked.body,
            "Action=AssumeRoleWithWebIdentity&Version=2011-06-15&RoleArn=arn&RoleSessionName=facepipe-1440938160000&"
            "WebIdentityToken=eyJ.to%2Fken");
  EXPECT_EQ(http::header(asked.headers, "authorization"), "");
}

TEST_F(StsTest, ARefusalIsShownWithoutSecrets) {
  service_.answer(403,
                  "<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>User u is not authorized"
                  "\nThe canonical request was CALLERTOKEN-0123456789</Message></Error></ErrorResponse>");
  const auto refused = assume_role(context_, endpoint_, kRole, kCaller);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kPermission);
  EXPECT_EQ(refused.error().message, "AssumeRole: STS answered 403 (AccessDenied): User u is not authorized");
  service_.answer(400,
                  "<ErrorResponse><Error><Code>InvalidIdentityToken</Code><Message>no good: "
                  "eyJ.a-long-token-of-an-issuer</Message></Error></ErrorResponse>");
  const auto token = assume_role_with_web_identity(context_, endpoint_, kRole, "eyJ.a-long-token-of-an-issuer");
  EXPECT_EQ(token.error().message, "AssumeRoleWithWebIdentity: STS answered 400 (InvalidIdentityToken)");
  EXPECT_EQ(service_.requests().size(), 2U) << "what is refused is not tried again";
}

TEST_F(StsTest, WhatMayPassIsTriedAgain) {
  service_.answer(503, "").answer(400, "<ErrorResponse><Error><Code>Throttling</Code></Error></ErrorResponse>");
  service_.answer(200, sts_answer("AssumeRole", "2030-01-01T00:00:00Z"));
  EXPECT_TRUE(assume_role(context_, endpoint_, kRole, kCaller));
  service_.answer(500, "").answer(500, "").answer(500, "");
  const auto away = assume_role(context_, endpoint_, kRole, kCaller);
  EXPECT_EQ(away.error().code, ErrorCode::kUnavailable);
  EXPECT_EQ(away.error().message, "AssumeRole: STS answered 500 (no error code)");
  EXPECT_EQ(service_.requests().size(), 6U);
}

TEST_F(StsTest, AnswersThatAreNone) {
  const std::string good = sts_answer("AssumeRole", "2030-01-01T00:00:00Z");
  std::string no_secret = good;
  no_secret.replace(no_secret.find("role&amp;secret"), 15, "");
  service_.answer(200, "SECRET").answer(200, sts_answer("Other", "2030-01-01T00:00:00Z"));
  service_.answer(200, no_secret).answer(200, sts_answer("AssumeRole", "soon"));
  for (const char* message : {"AssumeRole: the answer of STS: expected XML, got text outside of the elements",
                              "AssumeRole: expected a field AccessKeyId in the answer of STS",
                              "AssumeRole: expected a field SecretAccessKey in the answer of STS",
                              "AssumeRole: expected a field Expiration in the answer of STS"}) {
    const auto credentials = assume_role(context_, endpoint_, kRole, kCaller);
    ASSERT_FALSE(credentials);
    EXPECT_EQ(credentials.error().code, ErrorCode::kInvalidData);
    EXPECT_EQ(credentials.error().message, message);
  }
}

TEST_F(StsTest, NobodyThere) {
  endpoint_.url.port = 1;
  const auto credentials = assume_role(context_, endpoint_, kRole, kCaller);
  EXPECT_EQ(credentials.error().code, ErrorCode::kUnavailable);
  EXPECT_THAT(credentials.error().message, HasSubstr("AssumeRole: http://127.0.0.1:1: "));
  EXPECT_THAT(credentials.error().message, Not(HasSubstr("CALLER")));
}

TEST(StsEndpoint, ByRegionAndPartition) {
  const auto url = [](Environment environment, std::string_view region = {}) {
    const SourceContext context{environment, system_clock(), region};
    const auto endpoint = sts_endpoint(context, {});
    EXPECT_TRUE(endpoint);
    return (endpoint->url.tls ? "https://" : "http://") + endpoint->url.authority() + endpoint->url.target + " " +
           endpoint->region;
  };
  EXPECT_EQ(url({}), "https://sts.amazonaws.com/ us-east-1");
  EXPECT_EQ(url({}, "eu-west-1"), "https://sts.eu-west-1.amazonaws.com/ eu-west-1");
  EXPECT_EQ(url({{"AWS_REGION", "cn-north-1"}}, "eu-west-1"), "https://sts.cn-north-1.amazonaws.com.cn/ cn-north-1");
  EXPECT_EQ(url({{"REGION", "us-isob-east-1"}}), "https://sts.us-isob-east-1.sc2s.sgov.gov/ us-isob-east-1");
  EXPECT_EQ(url({{"AWS_ENDPOINT_URL_STS", "http://h:1/p"}, {"AWS_ENDPOINT_URL", "http://x"}}),
            "http://h:1/p us-east-1");
  const Environment bad = {{"AWS_ENDPOINT_URL_STS", "h"}};
  EXPECT_THAT(sts_endpoint({bad, system_clock(), ""}, {}).error().message,
              HasSubstr("endpoint of STS: expected a URL"));
}

}  // namespace
}  // namespace facepipe::aws
