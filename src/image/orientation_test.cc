#include "image/orientation.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "image/test_pictures.h"

namespace facepipe::image {
namespace {

// A picture whose pixel k is the k-th letter, in all three samples.
RgbImage of_letters(const std::vector<std::string>& rows) {
  RgbImage picture(static_cast<int>(rows.front().size()), static_cast<int>(rows.size()));
  for (int y = 0; y < picture.height(); ++y) {
    for (int x = 0; x < picture.width() * 3; ++x) {
      picture.row(y)[x] = static_cast<std::uint8_t>(rows[static_cast<std::size_t>(y)][static_cast<std::size_t>(x / 3)]);
    }
  }
  return picture;
}

std::vector<std::string> letters_of(const RgbImage& picture) {
  std::vector<std::string> rows;
  for (int y = 0; y < picture.height(); ++y) {
    std::string row;
    for (int x = 0; x < picture.width(); ++x) {
      const std::uint8_t* pixel = picture.row(y) + x * 3;
      EXPECT_TRUE(pixel[0] == pixel[1] && pixel[1] == pixel[2]) << "at " << x << "," << y;
      row += static_cast<char>(pixel[0]);
    }
    rows.push_back(row);
  }
  return rows;
}

std::vector<std::string> turned(int orientation) {
  return letters_of(apply_orientation(of_letters({"abc", "def"}), orientation));
}

TEST(ApplyOrientation, AllEight) {
  using Lines = std::vector<std::string>;
  EXPECT_EQ(turned(1), (Lines{"abc", "def"}));
  EXPECT_EQ(turned(2), (Lines{"cba", "fed"}));
  EXPECT_EQ(turned(3), (Lines{"fed", "cba"}));
  EXPECT_EQ(turned(4), (Lines{"def", "abc"}));
  EXPECT_EQ(turned(5), (Lines{"ad", "be", "cf"}));
  EXPECT_EQ(turned(6), (Lines{"da", "eb", "fc"}));
  EXPECT_EQ(turned(7), (Lines{"fc", "eb", "da"}));
  EXPECT_EQ(turned(8), (Lines{"cf", "be", "ad"}));
}

TEST(ApplyOrientation, OtherValuesCountAsUpright) {
  for (const int orientation : {-1, 0, 9, 1 << 30}) {
    EXPECT_EQ(turned(orientation), (std::vector<std::string>{"abc", "def"})) << orientation;
  }
}

// Bigger than the tiles in which pixels are copied; 6 and 8 undo each other, the others themselves.
TEST(ApplyOrientation, InversesRestoreABigPicture) {
  const RgbImage picture = testing::make_pattern(71, 45);
  const std::vector<std::pair<int, int>> inverses = {{2, 2}, {3, 3}, {4, 4}, {5, 5}, {6, 8}, {7, 7}, {8, 6}};
  for (const auto& [there, back] : inverses) {
    const RgbImage turned_once = apply_orientation(RgbImage::clone(picture.view()), there);
    EXPECT_NE(turned_once.pixels(), picture.pixels()) << there;
    EXPECT_EQ(apply_orientation(RgbImage::clone(turned_once.view()), back).pixels(), picture.pixels()) << there;
  }
}

TEST(ApplyOrientation, EmptyPicture) {
  for (int orientation = 1; orientation <= 8; ++orientation) {
    EXPECT_EQ(apply_orientation(RgbImage{}, orientation).width(), 0) << orientation;
  }
}

}  // namespace
}  // namespace facepipe::image
