#include "aws/credentials/default_credentials.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "aws/credentials/test_service.h"

namespace facepipe::aws {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class ChainTest : public HomeTest {
 protected:
  Result<Credentials> look(Environment more) {
    return make_default_credentials({.environment = environment(std::move(more))})->get();
  }
  FakeService service_;
};

TEST_F(ChainTest, InItsOrder) {
  static_cast<void>(write(".aws/credentials", "[default]\naws_access_key_id=FILEKEY\naws_secret_access_key=S\n"));
  service_.answer(200, sts_answer("AssumeRoleWithWebIdentity", "2030-01-01T00:00:00Z")).answer(200, endpoint_json());
  Environment all = {{"AWS_ACCESS_KEY_ID", "ENVKEY"},
                     {"AWS_SECRET_ACCESS_KEY", "S"},
                     {"AWS_WEB_IDENTITY_TOKEN_FILE", write("token", "to.ken")},
                     {"AWS_ROLE_ARN", "arn"},
                     {"AWS_ENDPOINT_URL_STS", service_.url()},
                     {"AWS_CONTAINER_CREDENTIALS_FULL_URI", service_.url()}};
  EXPECT_EQ(look(all)->access_key_id, "ENVKEY");
  all.erase("AWS_ACCESS_KEY_ID");
  all.erase("AWS_SECRET_ACCESS_KEY");
  EXPECT_EQ(look(all)->access_key_id, "ASIAROLE");
  all.erase("AWS_WEB_IDENTITY_TOKEN_FILE");
  EXPECT_EQ(look(all)->access_key_id, "FILEKEY");
  std::filesystem::remove(home_ / ".aws/credentials");
  EXPECT_EQ(look(all)->access_key_id, "ASIAJSON");
  all.erase("AWS_CONTAINER_CREDENTIALS_FULL_URI");
  FakeService metadata;
  metadata.answer(200, "T").answer(200, "role").answer(200, endpoint_json());
  all["AWS_EC2_METADATA_DISABLED"] = "false";
  all["AWS_EC2_METADATA_SERVICE_ENDPOINT"] = metadata.url();
  EXPECT_EQ(look(all)->access_key_id, "ASIAJSON");
  EXPECT_EQ(metadata.requests().size(), 3U);
}

TEST_F(ChainTest, NothingFoundSaysWhereItLooked) {
  const auto none = look({});
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().code, ErrorCode::kNotFound);
  EXPECT_EQ(none.error().message,
            "no AWS credentials found; looked at environment: AWS_ACCESS_KEY_ID is not set; web identity: "
            "AWS_WEB_IDENTITY_TOKEN_FILE is not set; shared files: there is no profile 'default' in " +
                home_.path().string() + "/.aws/credentials, " + home_.path().string() +
                "/.aws/config; container: neither AWS_CONTAINER_CREDENTIALS_RELATIVE_URI nor ..._FULL_URI is set; EC2 "
                "instance metadata: AWS_EC2_METADATA_DISABLED is true");
}

TEST_F(ChainTest, ABrokenSourceIsNotPassedOver) {
  static_cast<void>(write(".aws/credentials", "[default]\naws_access_key_id=FILEKEY\naws_secret_access_key=S\n"));
  const auto half = look({{"AWS_ACCESS_KEY_ID", "A"}});
  EXPECT_EQ(half.error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(half.error().message,
            "AWS credentials of the environment: AWS_SECRET_ACCESS_KEY is not set, but AWS_ACCESS_KEY_ID is");
  const auto token = look({{"AWS_WEB_IDENTITY_TOKEN_FILE", "/no/such/file"}, {"AWS_ROLE_ARN", "arn"}});
  EXPECT_THAT(token.error().message, HasSubstr("AWS credentials of the web identity: AWS_WEB_IDENTITY_TOKEN_FILE: "));
  static_cast<void>(write(".aws/credentials", "[default]\ncredential_process=/no/such/program\n"));
  const auto program = look({});
  EXPECT_EQ(program.error().code, ErrorCode::kInvalidArgument) << "kNotFound is for no source at all";
  EXPECT_THAT(program.error().message, HasSubstr("AWS credentials of the shared files: profile default: "));
  static_cast<void>(write(".aws/credentials", "[default]\nSECRET"));
  const auto file = look({});
  EXPECT_EQ(file.error().code, ErrorCode::kInvalidData);
  EXPECT_THAT(file.error().message, Not(HasSubstr("SECRET")));
}

TEST_F(ChainTest, TheEnvironmentsKeyNeedsNoFile) {
  static_cast<void>(write(".aws/config", "not an ini file"));
  EXPECT_TRUE(look({{"AWS_ACCESS_KEY_ID", "A"}, {"AWS_SECRET_ACCESS_KEY", "S"}}));
}

TEST_F(ChainTest, RefreshesAndIsAskedOnlyWhenNeeded) {
  ManualClock clock(Clock::TimePoint(std::chrono::milliseconds(1'893'456'000'000) - std::chrono::hours(1)));
  const auto provider = make_default_credentials(
      {.environment = environment({{"AWS_CONTAINER_CREDENTIALS_FULL_URI", service_.url()}}), .clock = &clock});
  EXPECT_TRUE(service_.requests().empty()) << "nothing before the first get()";
  service_.answer(200, endpoint_json());
  ASSERT_TRUE(provider->get());
  ASSERT_TRUE(provider->get());
  EXPECT_EQ(service_.requests().size(), 1U);
  clock.advance(std::chrono::minutes(56));
  service_.answer(200,
                  R"({"AccessKeyId":"NEXT","SecretAccessKey":"S","Token":"T","Expiration":"2030-01-01T06:00:00Z"})");
  EXPECT_EQ(provider->get()->access_key_id, "NEXT");
  EXPECT_EQ(service_.requests().size(), 2U);
}

TEST_F(ChainTest, InstanceMetadataCanBeLeftOut) {
  Environment bare = environment();
  bare.erase("AWS_EC2_METADATA_DISABLED");
  const auto none = make_default_credentials({.environment = bare, .instance_metadata = false})->get();
  EXPECT_THAT(none.error().message, HasSubstr("EC2 instance metadata: not asked for a server on loopback"));
  bare["AWS_EC2_METADATA_SERVICE_ENDPOINT"] = service_.url();
  service_.answer(200, "T").answer(200, "role").answer(200, endpoint_json());
  EXPECT_TRUE(make_default_credentials({.environment = bare, .instance_metadata = false})->get());
}

}  // namespace
}  // namespace facepipe::aws
