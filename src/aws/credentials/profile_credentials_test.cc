#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "aws/credentials/source.h"
#include "aws/credentials/test_service.h"

namespace facepipe::aws {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

class ProfileTest : public HomeTest {
 protected:
  // Looks at the profile "p" of a config file.
  Result<Lookup> look(const std::string& config, Environment more = {}) {
    static_cast<void>(write(".aws/config", config));
    more.emplace("AWS_PROFILE", "p");
    more.emplace("AWS_ENDPOINT_URL_STS", service_.url());
    more.emplace("AWS_REGION", "eu-west-1");
    const Environment environment = this->environment(std::move(more));
    FACEPIPE_ASSIGN(const Profiles profiles, read_profiles(environment));
    return profile_credentials({environment, system_clock(), ""}, profiles);
  }
  std::string error(const std::string& config) {
    const auto lookup = look(config);
    EXPECT_FALSE(lookup) << config;
    EXPECT_THAT(lookup ? "" : lookup.error().message, Not(HasSubstr("SECRET")));
    return lookup ? "" : lookup.error().message;
  }
  FakeService service_;
};

TEST_F(ProfileTest, AccessKey) {
  const auto found = look("[profile p]\naws_access_key_id=A\naws_secret_access_key=S\naws_session_token=T\n");
  ASSERT_TRUE(found && found->credentials);
  EXPECT_EQ(found->credentials->access_key_id, "A");
  EXPECT_EQ(found->credentials->secret_access_key, "S");
  EXPECT_EQ(found->credentials->session_token, "T");
  EXPECT_EQ(found->credentials->expires_at, std::nullopt);
}

TEST_F(ProfileTest, NothingInIt) {
  EXPECT_EQ(look("[profile p]\nregion=eu-west-1\n")->nothing_because, "the profile 'p' has no credentials");
  EXPECT_THAT(look("", {{"AWS_PROFILE", ""}})->nothing_because, HasSubstr("there is no profile 'default' in "));
}

TEST_F(ProfileTest, RoleOfASourceProfile) {
  service_.answer(200, sts_answer("AssumeRole", "2030-01-01T00:00:00Z"));
  const auto found = look(
      "[profile p]\nrole_arn=arn:r\nsource_profile=s\nrole_session_name=me\nexternal_id=x\nduration_seconds=3600\n"
      "[profile s]\naws_access_key_id=SOURCEKEY\naws_secret_access_key=S\nrole_arn=ignored\nsource_profile=none\n");
  ASSERT_TRUE(found) << found.error().message;
  ASSERT_TRUE(found->credentials);
  EXPECT_EQ(found->credentials->access_key_id, "ASIAROLE");
  const http::Request asked = service_.requests().at(0);
  EXPECT_THAT(asked.body, HasSubstr("RoleArn=arn%3Ar&RoleSessionName=me&DurationSeconds=3600&ExternalId=x"));
  EXPECT_THAT(std::string(http::header(asked.headers, "authorization")), HasSubstr("Credential=SOURCEKEY/"));
  EXPECT_THAT(std::string(http::header(asked.headers, "authorization")), HasSubstr("/eu-west-1/sts/aws4_request"));
}

TEST_F(ProfileTest, ChainedRolesAndAProfileThatIsItsOwnSource) {
  const std::string answer = sts_answer("AssumeRole", "2030-01-01T00:00:00Z");
  service_.answer(200, answer).answer(200, answer).answer(200, answer);
  ASSERT_TRUE(
      look("[profile p]\nrole_arn=outer\nsource_profile=q\n[profile q]\nrole_arn=inner\nsource_profile=s\n"
           "[profile s]\naws_access_key_id=A\naws_secret_access_key=S\n"));
  ASSERT_TRUE(look("[profile p]\nrole_arn=own\nsource_profile=p\naws_access_key_id=A\naws_secret_access_key=S\n"));
  const auto requests = service_.requests();
  ASSERT_EQ(requests.size(), 3U);
  EXPECT_THAT(requests[0].body, HasSubstr("RoleArn=inner"));
  EXPECT_THAT(requests[1].body, HasSubstr("RoleArn=outer"));
  EXPECT_EQ(http::header(requests[1].headers, "x-amz-security-token"), "role-token==");
  EXPECT_THAT(requests[2].body, HasSubstr("RoleArn=own"));
}

TEST_F(ProfileTest, RoleOfANamedSource) {
  service_.answer(200, sts_answer("AssumeRole", "2030-01-01T00:00:00Z"));
  ASSERT_TRUE(look("[profile p]\nrole_arn=arn\ncredential_source=Environment\n",
                   {{"AWS_ACCESS_KEY_ID", "ENVKEY"}, {"AWS_SECRET_ACCESS_KEY", "S"}}));
  EXPECT_THAT(std::string(http::header(service_.requests().at(0).headers, "authorization")),
              HasSubstr("Credential=ENVKEY/"));
  FakeService agent;
  agent.answer(200, endpoint_json());
  service_.answer(200, sts_answer("AssumeRole", "2030-01-01T00:00:00Z"));
  ASSERT_TRUE(look("[profile p]\nrole_arn=arn\ncredential_source=EcsContainer\n",
                   {{"AWS_CONTAINER_CREDENTIALS_FULL_URI", agent.url()}}));
  EXPECT_THAT(std::string(http::header(service_.requests().at(1).headers, "authorization")),
              HasSubstr("Credential=ASIAJSON/"));
  EXPECT_EQ(error("[profile p]\nrole_arn=arn\ncredential_source=Ec2InstanceMetadata\n"),
            "profile p: credential_source Ec2InstanceMetadata: expected credentials, but AWS_EC2_METADATA_DISABLED is "
            "true");
}

TEST_F(ProfileTest, WebIdentity) {
  service_.answer(200, sts_answer("AssumeRoleWithWebIdentity", "2030-01-01T00:00:00Z"));
  ASSERT_TRUE(look("[profile p]\nrole_arn=arn\nweb_identity_token_file=" + write("t", "tok.en") + "\n"));
  EXPECT_THAT(service_.requests().at(0).body, HasSubstr("WebIdentityToken=tok.en"));
  EXPECT_THAT(error("[profile p]\nrole_arn=arn\nweb_identity_token_file=/no/such/file\n"),
              StartsWith("profile p: web_identity_token_file: "));
}

TEST_F(ProfileTest, Process) {
  static_cast<void>(write("creds.json", endpoint_json("SessionToken").replace(0, 1, "{\"Version\":1,")));
  const auto found = look("[profile p]\ncredential_process = cat \"" + (home_ / "creds.json").string() + "\"\n");
  ASSERT_TRUE(found) << found.error().message;
  EXPECT_EQ(found->credentials->access_key_id, "ASIAJSON");
  EXPECT_EQ(found->credentials->session_token, "json-token");
  EXPECT_TRUE(found->credentials->expires_at.has_value());
  EXPECT_EQ(error("[profile p]\ncredential_process = echo SECRET\n"),
            "profile p: credential_process: the output of echo: expected a JSON object");
  EXPECT_EQ(error("[profile p]\ncredential_process = false SECRET\n"),
            "profile p: credential_process: false: expected exit status 0, got 1");
  EXPECT_EQ(error("[profile p]\ncredential_process = a 'SECRET\n"),
            "profile p: credential_process: expected a command line, got a quotation mark without its end");
}

TEST_F(ProfileTest, MistakesAreNamed) {
  const std::pair<const char*, const char*> cases[] = {
      {"aws_secret_access_key=SECRET", "profile p: aws_secret_access_key without aws_access_key_id"},
      {"aws_access_key_id=A", "profile p: aws_access_key_id without aws_secret_access_key"},
      {"source_profile=q", "profile p: source_profile without role_arn"},
      {"web_identity_token_file=f", "profile p: web_identity_token_file without role_arn"},
      {"role_arn=arn",
       "profile p: role_arn: expected one of source_profile, credential_source and web_identity_token_file beside it, "
       "got 0"},
      {"role_arn=arn\nsource_profile=q\ncredential_source=Environment",
       "profile p: role_arn: expected one of source_profile, credential_source and web_identity_token_file beside it, "
       "got 2"},
      {"role_arn=arn\nsource_profile=p", "profile p: profile p: source_profile leads back to it"},
      {"role_arn=arn\ncredential_source=Else",
       "profile p: credential_source: expected Environment, EcsContainer or Ec2InstanceMetadata, got 'Else'"},
      {"role_arn=arn\nsource_profile=p\nduration_seconds=60",
       "profile p: duration_seconds: expected 900 to 43200, got '60'"},
  };
  for (const auto& [settings, message] : cases) {
    EXPECT_EQ(error(std::string("[profile p]\n") + settings + "\n"), message);
  }
  EXPECT_THAT(error("[profile p]\nrole_arn=arn\nsource_profile=q\n"),
              StartsWith("profile p: source_profile: expected credentials, but there is no profile 'q' in "));
  EXPECT_EQ(error("[profile p]\nrole_arn=a\nsource_profile=q\n[profile q]\nrole_arn=b\nsource_profile=p\n"),
            "profile p: profile q: profile p: source_profile leads back to it");
}

TEST_F(ProfileTest, WhatNeedsAPersonIsUnsupported) {
  for (const char* settings : {"sso_session=s", "sso_start_url=https://x", "login_session=arn",
                               "role_arn=arn\nsource_profile=q\nmfa_serial=arn"}) {
    const auto lookup = look(std::string("[profile p]\n") + settings + "\n");
    ASSERT_FALSE(lookup) << settings;
    EXPECT_EQ(lookup.error().code, ErrorCode::kUnsupported);
    EXPECT_THAT(lookup.error().message, HasSubstr("credential_process"));
  }
}

}  // namespace
}  // namespace facepipe::aws
