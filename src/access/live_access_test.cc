#include "access/live_access.h"

#include <gtest/gtest.h>

#include <fstream>

#include "access/secrets.h"
#include "base/temporary_folder.h"

namespace facepipe::access {
namespace {

class LiveAccessTest : public ::testing::Test {
 protected:
  void set(const AccessData& data) {
    ASSERT_TRUE(edit_access(file_, [&data](AccessData& now) -> Status {
      now = data;
      return {};
    }));
  }
  std::unique_ptr<LiveAccess> open(std::optional<SqsKeyRecord> key = std::nullopt) {
    auto live = LiveAccess::open(file_, std::move(key), null_logger());
    EXPECT_TRUE(live);
    return live ? *std::move(live) : nullptr;
  }
  static TokenRecord token(const std::string& text) { return {"id", "", token_digest(text), ""}; }
  const TemporaryFolder folder_;
  const std::filesystem::path file_ = folder_ / "access.json";
};

TEST_F(LiveAccessTest, NobodyIsAskedUntilThereIsAToken) {
  const auto live = open();
  EXPECT_FALSE(live->token_required());
  EXPECT_FALSE(live->sqs_key_required());
  set({{token("one")}, {{"key", "secret", "", ""}}});
  EXPECT_TRUE(live->token_required());
  EXPECT_TRUE(live->is_token("one"));
  EXPECT_FALSE(live->is_token("two"));
  EXPECT_FALSE(live->is_token(""));
  EXPECT_TRUE(live->sqs_key_required());
  EXPECT_EQ(live->sqs_secret("key"), "secret");
  EXPECT_FALSE(live->sqs_secret("other").has_value());
}

TEST_F(LiveAccessTest, ARevokedTokenIsRefusedAtOnceAndTheLastOneDoesNotOpenTheDoor) {
  set({{token("one"), token("two")}, {}});
  const auto live = open();
  set({{token("two")}, {}});
  EXPECT_FALSE(live->is_token("one"));
  EXPECT_TRUE(live->is_token("two"));
  set({});
  EXPECT_FALSE(live->is_token("two"));
  EXPECT_TRUE(live->token_required());
  std::filesystem::remove(file_);
  EXPECT_TRUE(live->token_required());
}

TEST_F(LiveAccessTest, AFileThatTurnedBadLeavesThingsAsTheyWere) {
  set({{token("one")}, {}});
  const auto live = open();
  std::ofstream(file_) << "{";
  EXPECT_TRUE(live->token_required());
  EXPECT_TRUE(live->is_token("one"));
  EXPECT_FALSE(LiveAccess::open(file_, std::nullopt, null_logger()));
}

TEST_F(LiveAccessTest, TheEnvironmentsKeyIsOneMore) {
  const auto live = open(SqsKeyRecord{"env", "secret of the environment", "", ""});
  EXPECT_TRUE(live->sqs_key_required());
  EXPECT_FALSE(live->token_required());
  EXPECT_EQ(live->sqs_secret("env"), "secret of the environment");
}

}  // namespace
}  // namespace facepipe::access
