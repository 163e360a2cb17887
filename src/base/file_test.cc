#include "base/file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <string>

namespace facepipe {
namespace {

class FileTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::path(testing::TempDir()) / ("file_test." + std::to_string(::getpid()));
    std::filesystem::create_directories(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  std::filesystem::path folder_;
};

TEST_F(FileTest, WritesReadsAndMaps) {
  const auto path = folder_ / "a";
  ASSERT_TRUE(write_file_atomically(path, as_bytes("old")));
  ASSERT_TRUE(write_file_atomically(path, as_bytes("hello")));
  EXPECT_EQ(as_text(*read_file(path, 5)), "hello");
  EXPECT_EQ(as_text(MappedFile::open(path)->bytes()), "hello");
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder_), {}), 1);  // no temporary file stays
}

TEST_F(FileTest, PrivateFileIsForItsOwnerAlone) {
  const auto path = folder_ / "a";
  ASSERT_TRUE(write_file_atomically(path, as_bytes("x"), true));
  struct stat info{};
  ASSERT_EQ(::stat(path.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777U, 0600U);
}

TEST_F(FileTest, APrivateFolderIsItsOwnersAlone) {
  const auto mode = [](const std::filesystem::path& path) {
    struct stat status{};
    EXPECT_EQ(::stat(path.c_str(), &status), 0) << path;
    return status.st_mode & 0777U;
  };
  for (const char* const name : {"one", "two/", "new/three", "new/four/"}) {
    ASSERT_TRUE(make_private_folder(folder_ / name)) << name;
    EXPECT_EQ(mode(folder_ / name), 0700U) << name;
  }
  EXPECT_NE(mode(folder_ / "new"), 0700U) << "on the way";
  ASSERT_EQ(::chmod((folder_ / "one").c_str(), 0750), 0);
  EXPECT_TRUE(make_private_folder(folder_ / "one"));
  EXPECT_EQ(mode(folder_ / "one"), 0750U) << "it was there";
  EXPECT_TRUE(make_private_folder(""));
  ASSERT_TRUE(write_file_atomically(folder_ / "file", {}));
  for (const char* const name : {"file", "file/in"}) {
    const Status made = make_private_folder(folder_ / name);
    ASSERT_FALSE(made) << name;
    EXPECT_EQ(made.error().code, ErrorCode::kPermission);
    EXPECT_NE(made.error().message.find((folder_ / name).string()), std::string::npos) << made.error().message;
  }
}

TEST_F(FileTest, TheWholePathOfAFile) {
  const std::filesystem::path folder = std::filesystem::canonical(folder_ / ".");
  std::filesystem::create_directories(folder / "real");
  std::filesystem::create_directory_symlink("real", folder / "link");
  EXPECT_EQ(whole_path(folder / "link" / ".." / "link" / "a"), folder / "real" / "a");
  EXPECT_EQ(whole_path(folder / "link" / "none" / "a"), folder / "real" / "none" / "a");
  std::filesystem::create_symlink("/elsewhere", folder / "real" / "b");
  EXPECT_EQ(whole_path(folder / "link" / "b"), folder / "real" / "b") << "a link that a writer would replace";
  EXPECT_EQ(whole_path("a"), std::filesystem::canonical(".") / "a");
}

TEST_F(FileTest, NamesPathAndLimit) {
  const auto missing = read_file(folder_ / "missing", 10);
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, ErrorCode::kNotFound);
  EXPECT_NE(missing.error().message.find("missing"), std::string::npos);

  ASSERT_TRUE(write_file_atomically(folder_ / "big", as_bytes("123456")));
  const auto big = read_file(folder_ / "big", 5);
  ASSERT_FALSE(big);
  EXPECT_EQ(big.error().code, ErrorCode::kTooLarge);
  EXPECT_NE(big.error().message.find("limit is 5"), std::string::npos);

  EXPECT_EQ(read_file(folder_, 10).error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(write_file_atomically(folder_ / "no" / "such", as_bytes("x")).error().code, ErrorCode::kNotFound);
}

TEST_F(FileTest, EmptyFileMapsToNothing) {
  ASSERT_TRUE(write_file_atomically(folder_ / "empty", {}));
  EXPECT_TRUE(MappedFile::open(folder_ / "empty")->bytes().empty());
}

TEST_F(FileTest, APipeOrADeviceIsNotReplacedByAFile) {
  const std::filesystem::path pipe = folder_ / "pipe";
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  const Status written = write_file_atomically(pipe, as_bytes("x"));
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().code, ErrorCode::kInvalidArgument);
  EXPECT_TRUE(std::filesystem::is_fifo(pipe));
}

}  // namespace
}  // namespace facepipe
