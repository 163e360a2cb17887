#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "aws/credentials/source.h"
#include "aws/credentials/test_service.h"

namespace facepipe::aws {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(EnvironmentCredentials, WithTheirExpiry) {
  Environment environment = {{"AWS_ACCESS_KEY_ID", "A"}, {"AWS_SECRET_ACCESS_KEY", "S"}};
  const SourceContext context{environment, system_clock(), ""};
  const auto key = environment_credentials(context);
  ASSERT_TRUE(key && key->credentials);
  EXPECT_EQ(key->credentials->session_token, "");
  EXPECT_EQ(key->credentials->expires_at, std::nullopt);
  environment["AWS_SESSION_TOKEN"] = "T";
  environment["AWS_CREDENTIAL_EXPIRATION"] = "2030-01-01T00:00:00Z";
  const auto session = environment_credentials(context);
  ASSERT_TRUE(session && session->credentials);
  EXPECT_EQ(session->credentials->session_token, "T");
  EXPECT_EQ(session->credentials->expires_at, Clock::TimePoint(std::chrono::milliseconds(1'893'456'000'000)));
  environment["AWS_CREDENTIAL_EXPIRATION"] = "soon";
  EXPECT_EQ(environment_credentials(context).error().message,
            "AWS_CREDENTIAL_EXPIRATION: expected a time such as 2026-11-24T12:34:56Z");
  environment.erase("AWS_SECRET_ACCESS_KEY");
  EXPECT_EQ(environment_credentials(context).error().code, ErrorCode::kInvalidArgument);
  environment.clear();
  EXPECT_EQ(environment_credentials(context)->nothing_because, "AWS_ACCESS_KEY_ID is not set");
}

class WebIdentityTest : public HomeTest {
 protected:
  Result<Lookup> look(const Environment& environment) {
    return web_identity_credentials({environment, system_clock(), ""}, {});
  }
  FakeService service_;
};

TEST_F(WebIdentityTest, TheTokenIsReadEachTime) {
  const std::string file = write("token", "first.token\n");
  const Environment environment = {{"AWS_WEB_IDENTITY_TOKEN_FILE", file},
                                   {"AWS_ROLE_ARN", "arn:aws:iam::1:role/r"},
                                   {"AWS_ROLE_SESSION_NAME", "pod"},
                                   {"AWS_ENDPOINT_URL_STS", service_.url()}};
  const std::string answer = sts_answer("AssumeRoleWithWebIdentity", "2030-01-01T00:00:00Z");
  service_.answer(200, answer).answer(200, answer);
  const auto found = look(environment);
  ASSERT_TRUE(found && found->credentials);
  EXPECT_EQ(found->credentials->access_key_id, "ASIAROLE");
  static_cast<void>(write("token", "second.token"));
  ASSERT_TRUE(look(environment));
  const auto requests = service_.requests();
  ASSERT_EQ(requests.size(), 2U);
  EXPECT_THAT(requests[0].body, HasSubstr("RoleSessionName=pod&WebIdentityToken=first.token"));
  EXPECT_THAT(requests[1].body, HasSubstr("WebIdentityToken=second.token"));
}

TEST_F(WebIdentityTest, HalfOfItIsAnErrorThatNamesIt) {
  EXPECT_EQ(look({{"AWS_ROLE_ARN", "arn"}})->nothing_because, "AWS_WEB_IDENTITY_TOKEN_FILE is not set");
  EXPECT_EQ(look({{"AWS_WEB_IDENTITY_TOKEN_FILE", "/f"}}).error().message,
            "AWS_ROLE_ARN is not set, but AWS_WEB_IDENTITY_TOKEN_FILE is");
  const auto absent = look({{"AWS_WEB_IDENTITY_TOKEN_FILE", "/no/such/file"}, {"AWS_ROLE_ARN", "arn"}});
  EXPECT_EQ(absent.error().code, ErrorCode::kInvalidArgument);
  EXPECT_THAT(absent.error().message, HasSubstr("AWS_WEB_IDENTITY_TOKEN_FILE: cannot open /no/such/file"));
  for (const char* content : {"", "  \n", "SECRET\nSECRET"}) {
    const auto bad = look({{"AWS_WEB_IDENTITY_TOKEN_FILE", write("bad", content)}, {"AWS_ROLE_ARN", "arn"}});
    ASSERT_FALSE(bad);
    EXPECT_THAT(bad.error().message, HasSubstr("AWS_WEB_IDENTITY_TOKEN_FILE: expected one line in "));
    EXPECT_THAT(bad.error().message, Not(HasSubstr("SECRET")));
  }
}

}  // namespace
}  // namespace facepipe::aws
