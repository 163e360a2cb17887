// Many small pictures on one, each with words, for people to look at.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "image/geometry.h"
#include "image/image.h"

namespace facepipe::evaluate {

struct Tile {
  std::vector<image::RgbImage> pictures;  // side by side, kTilePictures at most; one may be empty: it stays grey
  std::vector<std::string> captions;      // kTileCaptions at most; cut to the tile's width, UTF-8 (image/draw.h)
};

struct SheetSection {
  std::string title;
  std::vector<Tile> tiles;
};

inline constexpr int kTilePicturePx = 112;
inline constexpr std::size_t kTilePictures = 2;
inline constexpr std::size_t kTileCaptions = 3;
inline constexpr std::size_t kMaxSheetTiles = 200;  // of a section; more are left out

// Five tiles a row, the sections below each other. Without tiles a sheet that says so.
[[nodiscard]] image::RgbImage contact_sheet(std::span<const SheetSection> sections);

// The face with some of its surroundings (a quarter of its longer side), as large as a tile's picture at most. Empty
// if the box has no pixel in the picture.
[[nodiscard]] image::RgbImage face_tile(image::RgbView picture, const image::Box& box);

}  // namespace facepipe::evaluate
