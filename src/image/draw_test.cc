#include "image/draw.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstddef>
#include <limits>
#include <string>
#include <vector>

namespace facepipe::image {
namespace {

using Rows = std::vector<std::string>;
constexpr Color kRed{255, 10, 20};

// '#' where the picture has kRed, '.' where it is black.
Rows rows_of(const RgbImage& picture) {
  Rows rows;
  for (int y = 0; y < picture.height(); ++y) {
    std::string row;
    for (int x = 0; x < picture.width(); ++x) {
      const std::uint8_t* pixel = picture.row(y) + static_cast<std::ptrdiff_t>(x) * 3;
      const Color color{pixel[0], pixel[1], pixel[2]};
      row += color == kRed ? '#' : color == Color{} ? '.' : '?';
    }
    rows.push_back(row);
  }
  return rows;
}

Rows boxed(const Box& box, int thickness_px) {
  RgbImage picture(7, 5);
  draw_box(picture, box, kRed, thickness_px);
  return rows_of(picture);
}

Rows lettered(int width, int height, int left, int top, std::string_view text, int scale = 1) {
  RgbImage picture(width, height);
  draw_text(picture, left, top, text, kRed, scale);
  return rows_of(picture);
}

const Rows kNothing(5, ".......");

TEST(FillRect, ClipsAtTheEdges) {
  RgbImage picture(3, 2);
  fill_rect(picture, {-5, 1, 2, 100}, kRed);
  EXPECT_EQ(rows_of(picture), (Rows{"...", "##."}));
  fill_rect(picture, {2, 0, 1, 2}, kRed);  // inverted
  fill_rect(picture, {3, 0, 9, 2}, kRed);  // outside
  EXPECT_EQ(rows_of(picture), (Rows{"...", "##."}));
}

TEST(DrawBox, OutlinesThePixelsThatItTouches) {
  EXPECT_EQ(boxed({1, 1, 6, 4}, 1), (Rows{".......", ".#####.", ".#...#.", ".#####.", "......."}));
  EXPECT_EQ(boxed({1.9F, 1.9F, 5.1F, 3.1F}, 1), (Rows{".......", ".#####.", ".#...#.", ".#####.", "......."}));
}

TEST(DrawBox, ThickLinesGrowInwards) {
  EXPECT_EQ(boxed({0, 0, 7, 5}, 2), (Rows{"#######", "#######", "##...##", "#######", "#######"}));
  EXPECT_EQ(boxed({1, 1, 4, 4}, 100), (Rows{".......", ".###...", ".###...", ".###...", "......."}));
}

TEST(DrawBox, LinesOutsideAreLeftOut) {
  EXPECT_EQ(boxed({-3, -3, 3, 3}, 1), (Rows{"..#....", "..#....", "###....", ".......", "......."}));
  EXPECT_EQ(boxed({-1e30F, 2, 1e30F, 3e38F}, 1), (Rows{".......", ".......", "#######", ".......", "......."}));
  EXPECT_EQ(boxed({100, 100, 200, 200}, 3), kNothing);
}

TEST(DrawBox, NothingForWhatIsNoBox) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const float infinity = std::numeric_limits<float>::infinity();
  EXPECT_EQ(boxed({1, 1, 1, 4}, 1), kNothing);
  EXPECT_EQ(boxed({4, 4, 1, 1}, 1), kNothing);
  EXPECT_EQ(boxed({nan, 1, 4, 4}, 1), kNothing);
  EXPECT_EQ(boxed({1, 1, infinity, 4}, 1), kNothing);
  EXPECT_EQ(boxed({1, 1, 4, 4}, 0), kNothing);
  EXPECT_EQ(boxed({1, 1, 4, 4}, -2), kNothing);
}

TEST(DrawText, PlacesGlyphsSideBySide) {
  EXPECT_EQ(lettered(13, 8, 1, 1, "Hi"), (Rows{".............", ".#...#...#...", ".#...#.......", ".#...#..##...",
                                               ".#####...#...", ".#...#...#...", ".#...#...#...", ".#...#..###.."}));
}

TEST(DrawText, Scales) {
  const Rows small = lettered(5, 7, 0, 0, "R");
  const Rows big = lettered(10, 14, 0, 0, "R", 2);
  for (std::size_t y = 0; y < big.size(); ++y) {
    for (std::size_t x = 0; x < big[y].size(); ++x) {
      EXPECT_EQ(big[y][x], small[y / 2][x / 2]) << x << "," << y;
    }
  }
}

TEST(DrawText, EveryPrintableCharacterHasAGlyphOfItsOwn) {
  std::vector<Rows> seen;
  for (char c = ' '; c <= '~'; ++c) {
    const Rows glyph = lettered(5, 7, 0, 0, std::string(1, c));
    EXPECT_THAT(seen, ::testing::Not(::testing::Contains(glyph))) << "'" << c << "'";
    seen.push_back(glyph);
  }
  EXPECT_EQ(seen.front(), Rows(7, "....."));
}

TEST(DrawText, OtherCodePointsAreQuestionMarks) {
  const Rows expected = lettered(30, 7, 0, 0, "a??b?");
  EXPECT_EQ(lettered(30, 7, 0, 0,
                     "a\xC3\xA9\xF0\x9F\x98\x80"
                     "b\n"),
            expected);
}

TEST(DrawText, ClipsAtEveryEdge) {
  EXPECT_EQ(lettered(3, 2, -2, -3, "H"), (Rows{"###", "..#"}));
  EXPECT_EQ(lettered(4, 3, 2, 1, "H"), (Rows{"....", "..#.", "..#."}));
  EXPECT_EQ(lettered(2, 2, 2, 0, "H"), Rows(2, ".."));
}

TEST(DrawText, SurvivesExtremePlacesAndScales) {
  constexpr int kFar = std::numeric_limits<int>::max();
  for (const int at : {-kFar - 1, kFar}) {
    for (const int scale : {1, 1000, kFar}) {
      EXPECT_EQ(lettered(2, 2, at, at, std::string(100, 'H'), scale), Rows(2, "..")) << at << " " << scale;
    }
  }
  EXPECT_EQ(lettered(2, 2, 0, 0, "H", 0), Rows(2, ".."));
  EXPECT_EQ(lettered(2, 2, 0, 0, "H", kFar), Rows(2, "##"));
}

TEST(TextSize, CountsCodePoints) {
  EXPECT_EQ(text_width_px("", 3), 0);
  EXPECT_EQ(text_width_px("A", 1), 5);
  EXPECT_EQ(text_width_px("AB", 2), 22);
  EXPECT_EQ(text_width_px("\xC3\xA9"
                          "B",
                          2),
            22);
  EXPECT_EQ(text_height_px(3), 21);
}

}  // namespace
}  // namespace facepipe::image
