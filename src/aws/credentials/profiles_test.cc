#include "aws/credentials/profiles.h"

#include <gtest/gtest.h>

#include "aws/credentials/test_service.h"

namespace facepipe::aws {
namespace {

using ProfilesTest = HomeTest;

TEST_F(ProfilesTest, BothFilesTheCredentialsFileBefore) {
  static_cast<void>(
      write(".aws/config",
            "[default]\nregion = eu-west-1\naws_access_key_id = CONFIG\n"
            "[profile \"big one\"]\nregion = us-east-2\n[services s]\nsqs =\n  endpoint_url = http://h:1\n"
            "[other]\nregion = nowhere\n"));
  static_cast<void>(
      write(".aws/credentials", "[default]\naws_access_key_id = CREDENTIALS\n[only]\nregion = ca-west-1\n"));
  const auto profiles = read_profiles(environment());
  ASSERT_TRUE(profiles) << profiles.error().message;
  EXPECT_EQ(profiles->selected, "default");
  EXPECT_EQ(profiles->setting("region"), "eu-west-1");
  EXPECT_EQ(profiles->setting("aws_access_key_id"), "CREDENTIALS");
  EXPECT_EQ(profiles->setting("absent"), "");
  ASSERT_NE(profiles->find("big one"), nullptr);
  ASSERT_NE(profiles->find("only"), nullptr);
  EXPECT_EQ(profiles->find("other"), nullptr) << "the config file's sections need the word profile";
  EXPECT_EQ(profiles->services.at("s").at("sqs.endpoint_url"), "http://h:1");
}

TEST_F(ProfilesTest, SelectedByName) {
  static_cast<void>(write(".aws/config", "[profile x]\nregion = us-east-2\n"));
  EXPECT_EQ(read_profiles(environment({{"AWS_PROFILE", "x"}}))->setting("region"), "us-east-2");
  const auto absent = read_profiles(environment({{"AWS_PROFILE", "y"}}));
  ASSERT_FALSE(absent);
  EXPECT_EQ(absent.error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(absent.error().message, "AWS_PROFILE: there is no profile 'y' in " + home_.path().string() +
                                        "/.aws/credentials, " + home_.path().string() + "/.aws/config");
}

// As the aws CLI has it.
TEST_F(ProfilesTest, SelectedByTheOlderVariable) {
  static_cast<void>(write(".aws/config", "[profile x]\nregion = us-east-2\n[profile y]\nregion = eu-west-3\n"));
  EXPECT_EQ(read_profiles(environment({{"AWS_DEFAULT_PROFILE", "x"}}))->setting("region"), "us-east-2");
  EXPECT_EQ(read_profiles(environment({{"AWS_PROFILE", "y"}, {"AWS_DEFAULT_PROFILE", "x"}}))->setting("region"),
            "eu-west-3");
  EXPECT_TRUE(read_profiles(environment({{"AWS_DEFAULT_PROFILE", "z"}}))
                  .error()
                  .message.starts_with("AWS_DEFAULT_PROFILE: there is no profile 'z' in "));
}

// As the aws CLI has it, too.
TEST_F(ProfilesTest, AKeyOfTheCredentialsFileStandsAlone) {
  static_cast<void>(
      write(".aws/config",
            "[default]\naws_access_key_id = OTHER\naws_secret_access_key = S\naws_session_token = OTHERS\n"
            "credential_process = program\n[profile p]\ncredential_process = program\n"));
  static_cast<void>(write(".aws/credentials",
                          "[default]\naws_access_key_id = KEY\naws_secret_access_key = T\n[p]\nregion = eu-west-1\n"));
  const auto profiles = read_profiles(environment());
  ASSERT_TRUE(profiles) << profiles.error().message;
  EXPECT_EQ(profiles->setting("aws_access_key_id"), "KEY");
  EXPECT_EQ(profiles->setting("aws_secret_access_key"), "T");
  EXPECT_EQ(profiles->setting("aws_session_token"), "");
  EXPECT_EQ(profiles->setting("credential_process"), "");
  EXPECT_EQ(profiles->find("p")->at("credential_process"), "program");
}

TEST_F(ProfilesTest, ProfileDefaultIsBeforeDefault) {
  static_cast<void>(write(".aws/config", "[profile default]\nregion = a-1\n[default]\nregion = b-1\noutput = json\n"));
  const auto profiles = read_profiles(environment());
  EXPECT_EQ(profiles->setting("region"), "a-1");
  EXPECT_EQ(profiles->setting("output"), "");
}

TEST_F(ProfilesTest, NoFilesAreNoError) {
  EXPECT_TRUE(read_profiles(environment())->by_name.empty());
  EXPECT_TRUE(read_profiles({})->by_name.empty());
  EXPECT_TRUE(
      read_profiles({{"AWS_CONFIG_FILE", "/dev/null"}, {"AWS_SHARED_CREDENTIALS_FILE", "/dev/null"}})->by_name.empty());
  EXPECT_TRUE(read_profiles({{"HOME", "/proc/self/mem"}})->by_name.empty());
}

TEST_F(ProfilesTest, NamedFiles) {
  const std::string config = write("my config", "[default]\nregion = eu-west-3\n");
  EXPECT_EQ(read_profiles(environment({{"AWS_CONFIG_FILE", config}}))->setting("region"), "eu-west-3");
  EXPECT_EQ(read_profiles(environment({{"AWS_CONFIG_FILE", "~/my config"}}))->setting("region"), "eu-west-3");
  const auto absent = read_profiles(environment({{"AWS_SHARED_CREDENTIALS_FILE", "/no/such/file"}}));
  ASSERT_FALSE(absent);
  EXPECT_EQ(absent.error().code, ErrorCode::kInvalidArgument);
  EXPECT_TRUE(absent.error().message.starts_with("AWS_SHARED_CREDENTIALS_FILE: ")) << absent.error().message;
}

TEST_F(ProfilesTest, FilesThatAreNone) {
  const std::string bad = write("bad", "[default]\nSECRET\n");
  const auto profiles = read_profiles(environment({{"AWS_CONFIG_FILE", bad}}));
  ASSERT_FALSE(profiles);
  EXPECT_EQ(profiles.error().code, ErrorCode::kInvalidData);
  EXPECT_EQ(profiles.error().message, bad + ": line 2: expected NAME = VALUE");
  const std::string big = write("big", std::string((1U << 20U) + 1, '#'));
  EXPECT_EQ(read_profiles(environment({{"AWS_CONFIG_FILE", big}})).error().code, ErrorCode::kTooLarge);
}

}  // namespace
}  // namespace facepipe::aws
