#include "base/file_lock.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include "base/temporary_folder.h"

namespace facepipe {
namespace {

class FileLockTest : public ::testing::Test {
 protected:
  const TemporaryFolder folder_;
  const std::filesystem::path file_ = folder_ / "people";
};

TEST_F(FileLockTest, OneHolderAtATime) {
  {
    const auto held = FileLock::acquire(file_);
    ASSERT_TRUE(held) << held.error().message;
    EXPECT_TRUE(std::filesystem::exists(file_.string() + ".lock"));
    const auto second = FileLock::acquire(file_, std::chrono::milliseconds(30));
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code, ErrorCode::kTimeout);
    EXPECT_NE(second.error().message.find(file_.string() + ".lock"), std::string::npos);
  }
  EXPECT_TRUE(FileLock::acquire(file_, std::chrono::milliseconds(0)));
}

TEST_F(FileLockTest, MovingKeepsTheLock) {
  auto held = FileLock::acquire(file_);
  ASSERT_TRUE(held);
  FileLock moved = std::move(*held);
  EXPECT_FALSE(FileLock::acquire(file_, std::chrono::milliseconds(0)));
}

TEST_F(FileLockTest, AMissingFolderIsNamed) {
  const auto lock = FileLock::acquire(folder_ / "none" / "g");
  ASSERT_FALSE(lock);
  EXPECT_EQ(lock.error().code, ErrorCode::kNotFound);
}

}  // namespace
}  // namespace facepipe
