#include "image/picture_file.h"

#include <gtest/gtest.h>

#include <fstream>
#include <string>

#include "base/temporary_folder.h"

namespace facepipe::image {
namespace {

using namespace std::string_literals;

class PictureFile : public ::testing::Test {
 protected:
  PictureKind kind(const std::string& name, const std::string& content) {
    std::ofstream(folder_ / name, std::ios::binary) << content;
    return picture_kind_of_file(folder_ / name);
  }
  TemporaryFolder folder_;
};

TEST_F(PictureFile, GoesByContent) {
  EXPECT_EQ(kind("a", "\xFF\xD8\xFF\xE0 the rest"), PictureKind::kReadable);
  EXPECT_EQ(kind("b.dat", "\x89PNG\r\n\x1A\n"), PictureKind::kReadable);
  EXPECT_EQ(kind("c.txt", "RIFF\0\0\0\0WEBPVP8 "s), PictureKind::kReadable);
  EXPECT_EQ(kind("d.gif", "GIF89a"), PictureKind::kOther);
  EXPECT_EQ(kind("e.heic", "\0\0\0\x18"s + "ftypheic"), PictureKind::kOther);
  EXPECT_EQ(kind("Thumbs.db", "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1"), PictureKind::kNone);
  EXPECT_EQ(kind("notes.txt", "words"), PictureKind::kNone);
  EXPECT_EQ(kind("film.mp4", "\0\0\0\x18"s + "ftypisom"), PictureKind::kNone);
  EXPECT_EQ(kind("empty", ""), PictureKind::kNone);
}

TEST_F(PictureFile, AnExtensionIsAClaim) {
  for (const char* name : {"a.jpg", "a.JPEG", "a.jpe", "a.jfif", "a.Png", "a.webp"}) {
    EXPECT_EQ(kind(name, "no picture"), PictureKind::kReadable) << name;
  }
}

TEST_F(PictureFile, WhatIsNoFileIsNoPicture) {
  std::filesystem::create_directory(folder_ / "folder.jpg");
  std::filesystem::create_symlink(folder_ / "nowhere", folder_ / "link.jpg");
  EXPECT_EQ(picture_kind_of_file(folder_ / "folder.jpg"), PictureKind::kNone);
  EXPECT_EQ(picture_kind_of_file(folder_ / "link.jpg"), PictureKind::kNone);
  EXPECT_EQ(picture_kind_of_file("/dev/null"), PictureKind::kNone);
}

}  // namespace
}  // namespace facepipe::image
