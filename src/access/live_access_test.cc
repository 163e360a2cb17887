#include "access/live_access.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <chrono>
#include <fstream>
#include <thread>

#include "access/access_file.h"
#include "base/file.h"
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
  // Over a file that edit_access would not read.
  void set_again(const AccessData& data) {
    ASSERT_TRUE(write_file_atomically(file_, as_bytes(to_json(data)), /*private_file=*/true));
  }
  static bool known_in_time(LiveAccess& live) {
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (!live.known() && std::chrono::steady_clock::now() < until) {
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    return live.known();
  }
  std::unique_ptr<LiveAccess> open(std::optional<SqsKeyRecord> key = std::nullopt) {
    auto live = LiveAccess::open(file_, std::move(key), null_logger());
    EXPECT_TRUE(live);
    return live ? *std::move(live) : nullptr;
  }
  static TokenRecord token(const std::string& text) { return {"id", "", token_digest(text), "", Role::kFrames}; }
  const TemporaryFolder folder_;
  const std::filesystem::path file_ = folder_ / "access.json";
};

TEST_F(LiveAccessTest, NobodyIsAskedUntilThereIsAToken) {
  const auto live = open();
  EXPECT_FALSE(live->token_required());
  EXPECT_FALSE(live->sqs_key_required());
  set({{token("one")}, {{"key", "secret", "", ""}}});
  EXPECT_TRUE(live->token_required());
  EXPECT_TRUE(live->holder_of("one").has_value());
  EXPECT_FALSE(live->holder_of("two").has_value());
  EXPECT_FALSE(live->holder_of("").has_value());
  EXPECT_TRUE(live->sqs_key_required());
  EXPECT_EQ(live->sqs_secret("key"), "secret");
  EXPECT_FALSE(live->sqs_secret("other").has_value());
}

TEST_F(LiveAccessTest, ATokenSaysWhoseItIsAndTheRunsOwnMayDoEverything) {
  set({{{"0a1b2c3d", "front door", token_digest("one"), "", Role::kRead}}, {}});
  const auto live = open();
  live->add_run_token("of the run");
  const auto one = live->holder_of("one");
  ASSERT_TRUE(one);
  EXPECT_EQ(one->id, "0a1b2c3d");
  EXPECT_EQ(one->name, "front door");
  EXPECT_EQ(one->role, Role::kRead);
  EXPECT_TRUE(live->holder_of_digest(token_digest("one")));
  EXPECT_FALSE(live->holder_of_digest(""));
  const auto run = live->holder_of("of the run");
  ASSERT_TRUE(run);
  EXPECT_EQ(run->role, Role::kManage);
  set({});
  EXPECT_FALSE(live->holder_of_digest(token_digest("one")));
  EXPECT_TRUE(live->holder_of("of the run"));
}

TEST_F(LiveAccessTest, ARevokedTokenIsRefusedAtOnceAndTheLastOneDoesNotOpenTheDoor) {
  set({{token("one"), token("two")}, {}});
  const auto live = open();
  set({{token("two")}, {}});
  EXPECT_FALSE(live->holder_of("one").has_value());
  EXPECT_TRUE(live->holder_of("two").has_value());
  set({});
  EXPECT_FALSE(live->holder_of("two").has_value());
  EXPECT_TRUE(live->token_required());
  std::filesystem::remove(file_);
  EXPECT_TRUE(live->token_required());
}

TEST_F(LiveAccessTest, WhatAFileSaidBeforeItTurnedBadHoldsNoMore) {
  set({{token("one")}, {{"key", "secret", "", ""}}});
  const auto live = open();
  std::ofstream(file_) << "{";
  EXPECT_FALSE(live->known());
  EXPECT_TRUE(live->token_required());
  EXPECT_FALSE(live->holder_of("one").has_value()) << "it may have been revoked";
  EXPECT_TRUE(live->sqs_key_required());
  EXPECT_FALSE(live->sqs_secret("key").has_value());
  EXPECT_FALSE(LiveAccess::open(file_, std::nullopt, null_logger()));
  set_again({{token("one")}, {}});
  EXPECT_TRUE(live->known());
  EXPECT_TRUE(live->holder_of("one").has_value());
}

TEST_F(LiveAccessTest, AnOpenDoorClosesWhileItIsNotKnownWhoMayComeIn) {
  const auto live = open();
  EXPECT_FALSE(live->token_required());
  std::ofstream(file_) << "{";
  EXPECT_TRUE(live->token_required());
  EXPECT_TRUE(live->sqs_key_required());
  std::filesystem::remove(file_);
  EXPECT_FALSE(live->token_required());
}

// As a server sees it that has as many connections as it may have descriptors.
TEST_F(LiveAccessTest, ARevocationThatCouldNotBeReadForWantOfDescriptorsHoldsAndIsReadLater) {
  set({{token("one"), token("two")}, {}});
  const auto live = open();
  ASSERT_TRUE(live->holder_of("one").has_value());
  set({{token("two")}, {}});
  rlimit limits{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &limits), 0);
  const rlimit none{0, limits.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &none), 0);
  const bool known = live->known();
  const bool revoked = live->holder_of("one").has_value();
  const bool other = live->holder_of("two").has_value();
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &limits), 0);
  EXPECT_FALSE(known);
  EXPECT_FALSE(revoked);
  EXPECT_FALSE(other);
  EXPECT_TRUE(known_in_time(*live)) << "without another change of the file";
  EXPECT_FALSE(live->holder_of("one").has_value());
  EXPECT_TRUE(live->holder_of("two").has_value());
}

TEST_F(LiveAccessTest, AModeThatIsRefusedAndThenCorrected) {
  set({{token("one"), token("two")}, {}});
  const auto live = open();
  set({{token("two")}, {}});
  ASSERT_EQ(::chmod(file_.c_str(), 0644), 0);
  EXPECT_FALSE(live->known());
  EXPECT_FALSE(live->holder_of("one").has_value());
  ASSERT_EQ(::chmod(file_.c_str(), 0600), 0);  // changes neither its time, its size nor its inode
  EXPECT_TRUE(live->known());
  EXPECT_FALSE(live->holder_of("one").has_value());
  EXPECT_TRUE(live->holder_of("two").has_value());
}

TEST_F(LiveAccessTest, TheEnvironmentsKeyIsOneMore) {
  const auto live = open(SqsKeyRecord{"env", "secret of the environment", "", ""});
  EXPECT_TRUE(live->sqs_key_required());
  EXPECT_FALSE(live->token_required());
  EXPECT_EQ(live->sqs_secret("env"), "secret of the environment");
}

}  // namespace
}  // namespace facepipe::access
