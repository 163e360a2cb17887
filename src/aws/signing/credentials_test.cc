#include "aws/signing/credentials.h"

#include <gtest/gtest.h>

#include <array>

namespace facepipe::aws {
namespace {

TEST(Credentials, FromTheEnvironment) {
  const std::array<const char*, 5> block = {"AWS_ACCESS_KEY_ID=AKID", "AWS_SECRET_ACCESS_KEY=a=b/c",
                                            "AWS_SESSION_TOKEN=t==", "PATH=/bin", nullptr};
  const auto credentials = credentials_from_environment(read_environment(block.data()));
  ASSERT_TRUE(credentials.has_value());
  ASSERT_TRUE(credentials->has_value());
  EXPECT_EQ((*credentials)->access_key_id, "AKID");
  EXPECT_EQ((*credentials)->secret_access_key, "a=b/c");
  EXPECT_EQ((*credentials)->session_token, "t==");
}

TEST(Credentials, NoneWhereTheVariablesAreEmptyOrAbsent) {
  const std::array<const char*, 4> empty = {
      "AWS_ACCESS_KEY_ID=", "AWS_SECRET_ACCESS_KEY=", "AWS_SESSION_TOKEN=", nullptr};
  const auto credentials = credentials_from_environment(read_environment(empty.data()));
  ASSERT_TRUE(credentials.has_value());
  EXPECT_FALSE(credentials->has_value());
  EXPECT_FALSE(credentials_from_environment(read_environment(nullptr))->has_value());
}

TEST(Credentials, OneHalfIsAMistakeThatIsNamed) {
  const std::array<const char*, 2> key = {"AWS_ACCESS_KEY_ID=AKID", nullptr};
  const auto without_secret = credentials_from_environment(read_environment(key.data()));
  ASSERT_FALSE(without_secret.has_value());
  EXPECT_EQ(without_secret.error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(without_secret.error().message, "AWS_SECRET_ACCESS_KEY is not set, but AWS_ACCESS_KEY_ID is");
  const std::array<const char*, 2> secret = {"AWS_SECRET_ACCESS_KEY=s", nullptr};
  EXPECT_EQ(credentials_from_environment(read_environment(secret.data())).error().message,
            "AWS_ACCESS_KEY_ID is not set, but AWS_SECRET_ACCESS_KEY is");
}

}  // namespace
}  // namespace facepipe::aws
