#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "aws/credentials/source.h"
#include "aws/credentials/test_service.h"
#include "http/test_socket.h"

namespace facepipe::aws {
namespace {

using ::testing::HasSubstr;

class InstanceTest : public ::testing::Test {
 protected:
  Result<Lookup> look(const std::string& path = "") {
    return look_at({{"AWS_EC2_METADATA_SERVICE_ENDPOINT", service_.url() + path}});
  }
  static Result<Lookup> look_at(const Environment& environment) {
    return instance_credentials({environment, system_clock(), ""});
  }
  FakeService service_;
};

TEST_F(InstanceTest, TokenThenNameThenCredentials) {
  service_.answer(200, "TOKEN-1==").answer(200, "my-role\n").answer(200, endpoint_json());
  const auto found = look();
  ASSERT_TRUE(found) << found.error().message;
  ASSERT_TRUE(found->credentials);
  EXPECT_EQ(found->credentials->access_key_id, "ASIAJSON");
  const auto requests = service_.requests();
  ASSERT_EQ(requests.size(), 3U);
  EXPECT_EQ(requests[0].method + " " + requests[0].target, "PUT /latest/api/token");
  EXPECT_EQ(http::header(requests[0].headers, "x-aws-ec2-metadata-token-ttl-seconds"), "21600");
  EXPECT_EQ(requests[1].method + " " + requests[1].target, "GET /latest/meta-data/iam/security-credentials/");
  EXPECT_EQ(http::header(requests[1].headers, "x-aws-ec2-metadata-token"), "TOKEN-1==");
  EXPECT_EQ(requests[2].target, "/latest/meta-data/iam/security-credentials/my-role");
  EXPECT_EQ(http::header(requests[2].headers, "x-aws-ec2-metadata-token"), "TOKEN-1==");
}

TEST_F(InstanceTest, AnEndpointMayHaveAPath) {
  service_.answer(200, "T").answer(404, "");
  const auto none = look("/base/");
  ASSERT_TRUE(none);
  EXPECT_EQ(none->nothing_because, "the instance has no role");
  EXPECT_EQ(service_.requests().at(0).target, "/base/latest/api/token");
}

TEST_F(InstanceTest, SwitchedOff) {
  const auto off =
      look_at({{"AWS_EC2_METADATA_DISABLED", "TRUE"}, {"AWS_EC2_METADATA_SERVICE_ENDPOINT", service_.url()}});
  EXPECT_EQ(off->nothing_because, "AWS_EC2_METADATA_DISABLED is true");
  EXPECT_TRUE(service_.requests().empty());
}

TEST_F(InstanceTest, ANamedServiceThatFailsIsAnError) {
  const std::string origin = service_.url().substr(7);
  service_.answer(403, "SECRET");
  EXPECT_EQ(look().error().message, "expected 200 from " + origin + " for a token, got 403");
  service_.answer(200, "two words");
  EXPECT_EQ(look().error().message, "expected a token from " + origin);
  service_.answer(200, "T").answer(500, "");
  EXPECT_EQ(look().error().code, ErrorCode::kUnavailable);
  service_.answer(200, "T").answer(200, "<html>");
  EXPECT_EQ(look().error().message, "expected a role's name from " + origin);
  service_.answer(200, "T").answer(200, "role").answer(404, "");
  EXPECT_EQ(look().error().message, "expected 200 from " + origin + " for the role's credentials, got 404");
  service_.answer(200, "T").answer(200, "role").answer(200, R"({"Code":"AssumeRoleUnauthorizedAccess"})");
  EXPECT_EQ(look().error().message,
            "the answer of " + origin + ": expected the field Code to be Success, got AssumeRoleUnauthorizedAccess");
  EXPECT_EQ(look_at({{"AWS_EC2_METADATA_SERVICE_ENDPOINT", "http://127.0.0.1:1"}}).error().code,
            ErrorCode::kUnavailable);
}

TEST_F(InstanceTest, SettingsThatAreNone) {
  EXPECT_EQ(look_at({{"AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE", "v6"}}).error().message,
            "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE: expected IPv4 or IPv6");
  EXPECT_THAT(look_at({{"AWS_EC2_METADATA_SERVICE_ENDPOINT", "x"}}).error().message,
              HasSubstr("AWS_EC2_METADATA_SERVICE_ENDPOINT: expected a URL"));
}

TEST_F(InstanceTest, OneThatSaysNothingIsLeftWithinItsTime) {
  http::testing::ScriptedPeer peer(
      1, [](int, http::testing::TestSocket& socket) { static_cast<void>(socket.read_to_end()); });
  const auto late = look_at({{"AWS_EC2_METADATA_SERVICE_ENDPOINT", "http://127.0.0.1:" + std::to_string(peer.port())}});
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().code, ErrorCode::kTimeout);
}

}  // namespace
}  // namespace facepipe::aws
