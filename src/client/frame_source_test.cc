#include "client/frame_source.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>
#include <string>

namespace facepipe::client {
namespace {

class FrameSource : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::path(testing::TempDir()) / ("frame_source." + std::to_string(::getpid()));
    std::filesystem::create_directories(folder_ / "b" / ".hidden");
    for (const char* name : {"z.jpg", "a.PNG", "b/c.webp", "b/d.JPEG", "b/e.txt", "b/.hidden/f.jpg", ".g.jpg"}) {
      std::ofstream(folder_ / name) << "x";
    }
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  std::filesystem::path folder_;
};

TEST_F(FrameSource, WalksFoldersInOrderAndKeepsFilesGivenByName) {
  const std::vector<std::filesystem::path> inputs = {folder_ / "b" / "e.txt", folder_, "missing.jpg"};
  const auto frames = list_frames(inputs);
  ASSERT_TRUE(frames) << frames.error().message;
  std::vector<std::string> relative;
  for (const FrameFile& frame : *frames) {
    relative.push_back(frame.relative.string());
  }
  EXPECT_EQ(relative, (std::vector<std::string>{"e.txt", "a.PNG", "b/c.webp", "b/d.JPEG", "z.jpg", "missing.jpg"}));
}

TEST_F(FrameSource, GoesByContentAndTellsWhatIsLeftOut) {
  std::ofstream(folder_ / "b" / "no extension", std::ios::binary) << "\xFF\xD8\xFF\xE0";
  std::ofstream(folder_ / "b" / "camera.jfif") << "x";
  std::filesystem::create_symlink(folder_ / "nowhere", folder_ / "b" / "broken.jpg");
  std::vector<std::filesystem::path> left_out;
  const auto frames = list_frames({{folder_ / "b"}}, &left_out);
  ASSERT_TRUE(frames) << frames.error().message;
  std::vector<std::string> relative;
  for (const FrameFile& frame : *frames) {
    relative.push_back(frame.relative.string());
  }
  EXPECT_EQ(relative, (std::vector<std::string>{"c.webp", "camera.jfif", "d.JPEG", "no extension"}));
  EXPECT_EQ(left_out, (std::vector<std::filesystem::path>{folder_ / "b" / "broken.jpg", folder_ / "b" / "e.txt"}));
}

TEST_F(FrameSource, NothingFoundIsAnError) {
  std::filesystem::create_directories(folder_ / "empty");
  const std::vector<std::filesystem::path> inputs = {folder_ / "empty"};
  EXPECT_EQ(list_frames(inputs).error().code, ErrorCode::kNotFound);
}

TEST(ListFrames, StandardInputIsNamedOnce) {
  const std::vector<std::filesystem::path> once = {"-", "/dev/fd/63"};
  const auto frames = list_frames(once);
  ASSERT_TRUE(frames) << frames.error().message;
  ASSERT_EQ(frames->size(), 2U);
  EXPECT_EQ((*frames)[0].path, "-");
  EXPECT_EQ((*frames)[0].relative, "stdin");
  const std::vector<std::filesystem::path> twice = {"-", "/dev/stdin"};
  ASSERT_FALSE(list_frames(twice));
  EXPECT_EQ(list_frames(twice).error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(list_frames(twice).error().message, "/dev/stdin: expected once, since it is read to its end");
}

}  // namespace
}  // namespace facepipe::client
