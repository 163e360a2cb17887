#include "access/run_file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>

#include "base/temporary_folder.h"

namespace facepipe::access {
namespace {

TEST(RunFile, IsWrittenForItsOwnerFoundAndTakenAway) {
  const TemporaryFolder folder;
  const std::filesystem::path data = folder / ".";
  EXPECT_FALSE(read_run_file(data)->has_value());
  ASSERT_TRUE(write_run_file(data, {"http://127.0.0.1:8080/", "fpt_secret"}));
  struct stat status{};
  ASSERT_EQ(::stat((data / kRunFileName).c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0600U);
  const auto found = read_run_file(data);
  ASSERT_TRUE(found && found->has_value());
  EXPECT_EQ((*found)->url, "http://127.0.0.1:8080/");
  EXPECT_EQ((*found)->token, "fpt_secret");
  EXPECT_EQ((*found)->certificate_sha256, "");
  EXPECT_EQ((*found)->gallery, "");
  remove_run_file(data);
  EXPECT_FALSE(read_run_file(data)->has_value());
}

TEST(RunFile, TellsTheCertificateAndTheGallery) {
  const TemporaryFolder folder;
  const std::filesystem::path data = folder / ".";
  ASSERT_TRUE(write_run_file(data, {"https://127.0.0.1:8080/", "fpt_secret", "0a1b", "/people/Zo\xC3\xAB.fpg"}));
  const auto found = read_run_file(data);
  ASSERT_TRUE(found && found->has_value());
  EXPECT_EQ((*found)->certificate_sha256, "0a1b");
  EXPECT_EQ((*found)->gallery, "/people/Zo\xC3\xAB.fpg");
  ASSERT_TRUE(write_run_file(data, {"http://127.0.0.1:8080/", "fpt_secret", "", "/people/\xFF.fpg"}));
  EXPECT_EQ((*read_run_file(data))->gallery, "") << "JSON cannot tell it";
}

TEST(RunFile, OneThatOthersCanReadOrThatIsNoneIsRefused) {
  const TemporaryFolder folder;
  const std::filesystem::path data = folder / ".";
  ASSERT_TRUE(write_run_file(data, {"http://127.0.0.1:8080/", "fpt_secret"}));
  ASSERT_EQ(::chmod((data / kRunFileName).c_str(), 0644), 0);
  EXPECT_EQ(read_run_file(data).error().code, ErrorCode::kPermission);
  ASSERT_EQ(::chmod((data / kRunFileName).c_str(), 0600), 0);
  std::ofstream(data / kRunFileName) << "{}";
  EXPECT_EQ(read_run_file(data).error().code, ErrorCode::kInvalidData);
}

}  // namespace
}  // namespace facepipe::access
