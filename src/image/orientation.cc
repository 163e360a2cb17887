// Turning pixels upright. Tested by orientation_test.cc.
#include "image/orientation.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>

namespace facepipe::image {
namespace {

// Where upright pixel (0,0) is stored, and how far to go in the stored pixels for one step to the right or down.
struct Walk {
  const std::uint8_t* origin;
  std::ptrdiff_t right;
  std::ptrdiff_t down;
};

Walk walk_of(const RgbImage& stored, int orientation) {
  const std::ptrdiff_t column = 3;
  const auto row = static_cast<std::ptrdiff_t>(stored.stride_bytes());
  const std::uint8_t* top_left = stored.row(0);
  const std::uint8_t* bottom_left = stored.row(stored.height() - 1);
  const std::ptrdiff_t to_last_column = row - column;
  switch (orientation) {
    case 2:
      return {top_left + to_last_column, -column, row};
    case 3:
      return {bottom_left + to_last_column, -column, -row};
    case 4:
      return {bottom_left, column, -row};
    case 5:
      return {top_left, row, column};
    case 6:
      return {bottom_left, -row, column};
    case 7:
      return {bottom_left + to_last_column, -row, -column};
    default:  // 8
      return {top_left + to_last_column, row, -column};
  }
}

}  // namespace

RgbImage apply_orientation(RgbImage stored, int orientation) {
  if (orientation < 2 || orientation > 8 || stored.view().empty()) {
    return stored;
  }
  const bool swaps_sides = orientation >= 5;
  RgbImage upright(swaps_sides ? stored.height() : stored.width(), swaps_sides ? stored.width() : stored.height());
  const Walk walk = walk_of(stored, orientation);
  // In tiles: a step to the right may be a whole stored row, and neighbouring rows then share cache lines.
  constexpr int kTile = 32;
  for (int tile_x = 0; tile_x < upright.width(); tile_x += kTile) {
    const int end_x = std::min(tile_x + kTile, upright.width());
    for (int y = 0; y < upright.height(); ++y) {
      std::uint8_t* out = upright.row(y) + static_cast<std::ptrdiff_t>(tile_x) * 3;
      std::ptrdiff_t at = y * walk.down + tile_x * walk.right;
      for (int x = tile_x; x < end_x; ++x, out += 3, at += walk.right) {
        std::copy_n(walk.origin + at, 3, out);
      }
    }
  }
  return upright;
}

}  // namespace facepipe::image
