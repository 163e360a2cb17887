#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "access/access_file.h"

namespace facepipe::access {
namespace {

using ::testing::MatchesRegex;

TEST(Secrets, FormsAndNoTwoAlike) {
  std::set<std::string> seen;
  for (int i = 0; i < 100; ++i) {
    const auto token = new_token();
    const auto id = new_token_id();
    const auto key = new_key_pair();
    EXPECT_THAT(token, MatchesRegex("fpt_[A-Za-z0-9_-]{43}"));
    EXPECT_THAT(id, MatchesRegex("[0-9a-f]{8}"));
    EXPECT_THAT(key.id, MatchesRegex("FPKA[A-Z2-7]{16}"));
    EXPECT_THAT(key.secret, MatchesRegex("[A-Za-z0-9_-]{43}"));
    EXPECT_TRUE(seen.insert(token).second && seen.insert(key.id).second && seen.insert(key.secret).second);
  }
}

TEST(Secrets, TheDigestIsSha256) {
  // FIPS 180-2, appendix B.1.
  EXPECT_EQ(token_digest("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

}  // namespace
}  // namespace facepipe::access
