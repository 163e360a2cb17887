#include "evaluate/contact_sheet.h"

#include <gtest/gtest.h>

#include "image/draw.h"

namespace facepipe::evaluate {
namespace {

image::RgbImage filled(int width, int height, image::Color color) {
  image::RgbImage picture(width, height);
  image::fill_rect(picture, {0, 0, width, height}, color);
  return picture;
}

std::size_t count_of_colour(const image::RgbImage& picture, image::Color color) {
  std::size_t count = 0;
  for (std::size_t i = 0; i < picture.pixels().size(); i += 3) {
    count += picture.pixels()[i] == color.red && picture.pixels()[i + 1] == color.green &&
                     picture.pixels()[i + 2] == color.blue
                 ? 1U
                 : 0U;
  }
  return count;
}

TEST(ContactSheet, EveryPictureIsOnIt) {
  std::vector<SheetSection> sections(2);
  sections[0].title = "Red";
  sections[1].title = "Blue, and words that are longer than any tile is wide: they are cut where it ends";
  for (int i = 0; i < 7; ++i) {  // two rows
    Tile tile;
    tile.pictures.push_back(filled(kTilePicturePx, 10, {255, 0, 0}));
    tile.pictures.push_back(filled(10, kTilePicturePx + 50, {255, 0, 0}));  // too high: cut
    tile.captions = {std::string(500, 'x'), "two", "three", "four"};
    sections[0].tiles.push_back(std::move(tile));
  }
  sections[1].tiles.emplace_back();
  sections[1].tiles.back().pictures.push_back(filled(5, 5, {0, 0, 255}));
  sections[1].tiles.back().pictures.emplace_back();
  const image::RgbImage sheet = contact_sheet(sections);
  EXPECT_EQ(count_of_colour(sheet, {255, 0, 0}), 7U * (kTilePicturePx * 10 + 10 * kTilePicturePx));
  EXPECT_EQ(count_of_colour(sheet, {0, 0, 255}), 25U);
  EXPECT_EQ(count_of_colour(sheet, {200, 200, 200}), std::size_t{kTilePicturePx} * kTilePicturePx);
}

TEST(ContactSheet, NothingToShow) {
  EXPECT_GT(contact_sheet({}).height(), 0);
  std::vector<SheetSection> sections(1);
  const image::RgbImage sheet = contact_sheet(sections);
  EXPECT_GT(count_of_colour(sheet, {20, 20, 20}), 0U);  // it says so
}

TEST(ContactSheet, OfTooManyTilesTheFirstAreShown) {
  std::vector<SheetSection> sections(1);
  sections[0].tiles.resize(kMaxSheetTiles + 5);
  std::vector<SheetSection> full(1);
  full[0].tiles.resize(kMaxSheetTiles);
  EXPECT_EQ(contact_sheet(sections).height(), contact_sheet(full).height());
}

TEST(FaceTile, TheBoxWithItsSurroundings) {
  const image::RgbImage picture = filled(100, 100, {9, 9, 9});
  const image::RgbImage tile = face_tile(picture.view(), {40, 40, 60, 80});  // with 10 px around: 40 x 60
  EXPECT_EQ(tile.height(), kTilePicturePx);
  EXPECT_EQ(tile.width(), 75);
  EXPECT_EQ(count_of_colour(tile, {9, 9, 9}), 75U * kTilePicturePx);
  EXPECT_EQ(face_tile(picture.view(), {500, 500, 510, 510}).width(), 0);
  EXPECT_GT(face_tile(picture.view(), {-20, -20, 20, 20}).width(), 0);
}

}  // namespace
}  // namespace facepipe::evaluate
