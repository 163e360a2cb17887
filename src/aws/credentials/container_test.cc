#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "aws/credentials/source.h"
#include "aws/credentials/test_service.h"
#include "http/test_socket.h"

namespace facepipe::aws {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class ContainerTest : public HomeTest {
 protected:
  static Result<Lookup> look(const Environment& environment, std::string_view agent = kEcsAgent) {
    return container_credentials({environment, system_clock(), ""}, agent);
  }
  FakeService service_;
};

TEST_F(ContainerTest, RelativeUri) {
  service_.answer(200, endpoint_json());
  const auto found = look({{"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/v2/credentials/id"}}, service_.url());
  ASSERT_TRUE(found) << found.error().message;
  ASSERT_TRUE(found->credentials);
  EXPECT_EQ(found->credentials->access_key_id, "ASIAJSON");
  EXPECT_EQ(found->credentials->session_token, "json-token");
  EXPECT_TRUE(found->credentials->expires_at.has_value());
  const http::Request asked = service_.requests().at(0);
  EXPECT_EQ(asked.method, "GET");
  EXPECT_EQ(asked.target, "/v2/credentials/id");
  EXPECT_EQ(http::header(asked.headers, "authorization"), "");
}

TEST_F(ContainerTest, FullUriWithATokenTheFileBefore) {
  service_.answer(200, endpoint_json()).answer(200, endpoint_json());
  Environment environment = {{"AWS_CONTAINER_CREDENTIALS_FULL_URI", service_.url() + "/creds?x=1"},
                             {"AWS_CONTAINER_AUTHORIZATION_TOKEN", "Basic abc"}};
  ASSERT_TRUE(look(environment));
  environment["AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"] = write("token", "from-file\n");
  ASSERT_TRUE(look(environment));
  const auto requests = service_.requests();
  ASSERT_EQ(requests.size(), 2U);
  EXPECT_EQ(requests[0].target, "/creds?x=1");
  EXPECT_EQ(http::header(requests[0].headers, "authorization"), "Basic abc");
  EXPECT_EQ(http::header(requests[1].headers, "authorization"), "from-file");
}

TEST_F(ContainerTest, WithoutTlsOnlyToThisMachineAndTheAgents) {
  for (const char* url : {"http://10.0.0.1/", "http://example.com/", "http://127.example.com/", "http://169.254.170.3/",
                          "http://[fd00:ec2::24]/", "http://localhost.example.com/"}) {
    const auto refused = look({{"AWS_CONTAINER_CREDENTIALS_FULL_URI", url}});
    ASSERT_FALSE(refused) << url;
    EXPECT_EQ(refused.error().code, ErrorCode::kInvalidArgument) << url;
    EXPECT_THAT(refused.error().message, HasSubstr("AWS_CONTAINER_CREDENTIALS_FULL_URI: expected https, or http to "));
  }
}

TEST_F(ContainerTest, SettingsThatAreNone) {
  EXPECT_THAT(look({})->nothing_because, HasSubstr("is set"));
  EXPECT_EQ(look({{"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "@evil.example/"}}).error().message,
            "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: expected a path that starts with /");
  EXPECT_THAT(look({{"AWS_CONTAINER_CREDENTIALS_FULL_URI", "nothing"}}).error().message,
              HasSubstr("AWS_CONTAINER_CREDENTIALS_FULL_URI: expected a URL"));
  const auto two_lines = look({{"AWS_CONTAINER_CREDENTIALS_FULL_URI", service_.url()},
                               {"AWS_CONTAINER_AUTHORIZATION_TOKEN", "SECRET\r\nx: y"}});
  EXPECT_EQ(two_lines.error().message, "AWS_CONTAINER_AUTHORIZATION_TOKEN: expected one line, got more");
  const auto no_file = look({{"AWS_CONTAINER_CREDENTIALS_FULL_URI", service_.url()},
                             {"AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", "/no/such/file"}});
  EXPECT_THAT(no_file.error().message, HasSubstr("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: "));
  EXPECT_TRUE(service_.requests().empty());
}

TEST_F(ContainerTest, AnswersThatAreNone) {
  const Environment environment = {{"AWS_CONTAINER_CREDENTIALS_FULL_URI", service_.url()}};
  const std::string origin = service_.url().substr(7);
  service_.answer(404, "SECRET").answer(500, "").answer(200, "{\"SecretAccessKey\":\"SECRET\"}");
  service_.answer(200, std::string(65'537, ' '));
  EXPECT_EQ(look(environment).error().message, "expected 200 from " + origin + ", got 404");
  EXPECT_EQ(look(environment).error().code, ErrorCode::kUnavailable);
  EXPECT_EQ(look(environment).error().message, "the answer of " + origin + ": expected a field AccessKeyId");
  EXPECT_EQ(look(environment).error().code, ErrorCode::kTooLarge);
}

TEST_F(ContainerTest, AnAgentThatSaysNothing) {
  http::testing::ScriptedPeer peer(1, [](int, http::testing::TestSocket& socket) {
    static_cast<void>(socket.read_until("\r\n\r\n"));
    static_cast<void>(socket.read_to_end());  // until the other side gives up
  });
  const auto late =
      look({{"AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://localhost:" + std::to_string(peer.port()) + "/"}});
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().code, ErrorCode::kTimeout);
}

}  // namespace
}  // namespace facepipe::aws
