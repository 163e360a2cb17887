#include "access/access_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <thread>

#include "base/temporary_folder.h"

namespace facepipe::access {
namespace {

using ::testing::HasSubstr;

const std::string kDigest(64, 'a');

class AccessFile : public ::testing::Test {
 protected:
  void write(std::string_view text, mode_t mode = 0600) {
    std::filesystem::create_directories(file_.parent_path());
    std::ofstream(file_) << text;
    ::chmod(file_.c_str(), mode);
  }
  const TemporaryFolder folder_;
  const std::filesystem::path file_ = folder_ / "data" / "access.json";
};

TEST_F(AccessFile, RoundTrip) {
  ASSERT_TRUE(edit_access(file_, [](AccessData& data) -> Status {
    data.tokens.push_back({"0a1b2c3d", "front \"door\"", kDigest, "2026-01-02T03:04:05.678Z", Role::kRead});
    data.sqs_keys.push_back({"FPKAX", "secret", "", "2026-01-02T03:04:05.678Z"});
    return {};
  }));
  struct stat status{};
  ASSERT_EQ(::stat(file_.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0600U);
  const auto data = load_access(file_);
  ASSERT_TRUE(data) << data.error().message;
  ASSERT_EQ(data->tokens.size(), 1U);
  EXPECT_EQ(data->tokens[0].id, "0a1b2c3d");
  EXPECT_EQ(data->tokens[0].name, "front \"door\"");
  EXPECT_EQ(data->tokens[0].digest, kDigest);
  EXPECT_EQ(data->tokens[0].created, "2026-01-02T03:04:05.678Z");
  EXPECT_EQ(data->tokens[0].role, Role::kRead);
  ASSERT_EQ(data->sqs_keys.size(), 1U);
  EXPECT_EQ(data->sqs_keys[0].id, "FPKAX");
  EXPECT_EQ(data->sqs_keys[0].secret, "secret");
}

TEST_F(AccessFile, ATokenOfRelease01SendsFrames) {
  write(R"({"version":1,"tokens":[{"id":"0a1b2c3d","name":"front door","sha256":")" + kDigest +
        R"(","created":"2026-01-02T03:04:05.678Z"}],"sqs_keys":[]})");
  const auto data = load_access(file_);
  ASSERT_TRUE(data) << data.error().message;
  ASSERT_EQ(data->tokens.size(), 1U);
  EXPECT_EQ(data->tokens[0].role, Role::kFrames);
}

TEST(Role, AllowsItselfAndManagingAllowsEverything) {
  for (const Role role : {Role::kFrames, Role::kRead, Role::kManage}) {
    EXPECT_TRUE(allows(role, role));
    EXPECT_TRUE(allows(Role::kManage, role));
    EXPECT_EQ(parse_role(role_name(role)), role);
  }
  EXPECT_FALSE(allows(Role::kFrames, Role::kRead));
  EXPECT_FALSE(allows(Role::kRead, Role::kFrames));
  EXPECT_FALSE(allows(Role::kRead, Role::kManage));
  EXPECT_FALSE(parse_role("admin"));
  EXPECT_FALSE(parse_role(""));
}

TEST_F(AccessFile, NoFileIsNobody) {
  const auto data = load_access(file_);
  ASSERT_TRUE(data);
  EXPECT_TRUE(data->tokens.empty());
  EXPECT_TRUE(data->sqs_keys.empty());
}

TEST_F(AccessFile, AFileThatOthersCanReadIsRefused) {
  write(to_json({}), 0640);
  const auto data = load_access(file_);
  ASSERT_FALSE(data);
  EXPECT_EQ(data.error().code, ErrorCode::kPermission);
  EXPECT_THAT(data.error().message, HasSubstr("chmod 600"));
}

TEST_F(AccessFile, WhatIsNoAccessFileIsNamedWithoutItsContent) {
  const struct {
    const char* text;
    const char* message;
  } cases[] = {
      {"", "a JSON object"},
      {"[]", "a JSON object"},
      {"{}", "\"version\": 1"},
      {R"({"version":2,"tokens":[],"sqs_keys":[]})", "\"version\": 1"},
      {R"({"version":1,"sqs_keys":[]})", "\"tokens\""},
      {R"({"version":1,"tokens":[1],"sqs_keys":[]})", "objects"},
      {R"({"version":1,"tokens":[{"id":"hidden","sha256":"hidden"}],"sqs_keys":[]})", "64 hexadecimal"},
      {R"({"version":1,"tokens":[{"id":"hidden","sha256":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
           "role":"hidden"}],"sqs_keys":[]})",
       "frames, read or manage"},
      {R"({"version":1,"tokens":[],"sqs_keys":[{"access_key_id":"hidden"}]})", "\"secret_access_key\""},
      {R"({"version":1,"tokens":[],"sqs_keys":[{"access_key_id":7,"secret_access_key":"hidden"}]})", "a text"},
  };
  for (const auto& test : cases) {
    write(test.text);
    const auto data = load_access(file_);
    ASSERT_FALSE(data) << test.text;
    EXPECT_EQ(data.error().code, ErrorCode::kInvalidData);
    EXPECT_THAT(data.error().message, HasSubstr(test.message));
    EXPECT_THAT(data.error().message, HasSubstr("access.json"));
    EXPECT_EQ(data.error().message.find("hidden"), std::string::npos);
  }
}

TEST_F(AccessFile, AFailedChangeChangesNothing) {
  EXPECT_FALSE(edit_access(file_, [](AccessData&) -> Status { return Error{ErrorCode::kNotFound, "no"}; }));
  EXPECT_FALSE(std::filesystem::exists(file_));
}

TEST_F(AccessFile, ChangesAtOnceAreAllKept) {
  std::vector<std::jthread> editors;
  editors.reserve(8);
  for (int i = 0; i < 8; ++i) {
    editors.emplace_back([this, i] {
      EXPECT_TRUE(edit_access(file_, [i](AccessData& data) -> Status {
        data.tokens.push_back({std::to_string(i), "", kDigest, "", Role::kFrames});
        return {};
      }));
    });
  }
  editors.clear();
  EXPECT_EQ(load_access(file_)->tokens.size(), 8U);
}

}  // namespace
}  // namespace facepipe::access
