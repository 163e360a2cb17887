// Tested by contact_sheet_test.cc.
#include "evaluate/contact_sheet.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "image/draw.h"
#include "image/resize.h"

namespace facepipe::evaluate {
namespace {

constexpr std::size_t kColumns = 5;
constexpr int kGap = 8;
constexpr int kTileWidth = kTilePicturePx * static_cast<int>(kTilePictures) + 2;
constexpr int kLine = 10;
constexpr int kTitle = 24;
constexpr int kTileHeight = kTilePicturePx + 2 + kLine * static_cast<int>(kTileCaptions);
constexpr int kSheetWidth = kGap + static_cast<int>(kColumns) * (kTileWidth + kGap);
constexpr image::Color kPaper{255, 255, 255};
constexpr image::Color kInk{20, 20, 20};
constexpr image::Color kEmpty{200, 200, 200};
constexpr int kGlyphStep = 6;

void paste(image::RgbImage& sheet, int left, int top, const image::RgbImage& picture) {
  for (int y = 0; y < std::min({picture.height(), kTilePicturePx, sheet.height() - top}); ++y) {
    const int width = std::min({picture.width(), kTilePicturePx, sheet.width() - left});
    std::memcpy(sheet.row(top + y) + static_cast<std::ptrdiff_t>(left) * 3, picture.row(y),
                static_cast<std::size_t>(width) * 3);
  }
}

void draw_tile(image::RgbImage& sheet, int left, int top, const Tile& tile) {
  for (std::size_t i = 0; i < kTilePictures; ++i) {
    const int x = left + static_cast<int>(i) * (kTilePicturePx + 2);
    if (i >= tile.pictures.size()) {
      continue;
    }
    if (tile.pictures[i].width() == 0) {
      image::fill_rect(sheet, {x, top, x + kTilePicturePx, top + kTilePicturePx}, kEmpty);
    }
    paste(sheet, x, top, tile.pictures[i]);
  }
  for (std::size_t i = 0; i < std::min(tile.captions.size(), kTileCaptions); ++i) {
    const std::string text = tile.captions[i].substr(0, kTileWidth / kGlyphStep);
    image::draw_text(sheet, left, top + kTilePicturePx + 2 + static_cast<int>(i) * kLine, text, kInk);
  }
}

std::size_t shown(const SheetSection& section) {
  return std::min(section.tiles.size(), kMaxSheetTiles);
}

int height_of(const SheetSection& section) {
  const std::size_t rows = (shown(section) + kColumns - 1) / kColumns;
  return kTitle + static_cast<int>(rows) * (kTileHeight + kGap);
}

}  // namespace

image::RgbImage contact_sheet(std::span<const SheetSection> sections) {
  int height = kGap;
  for (const SheetSection& section : sections) {
    height += height_of(section);
  }
  image::RgbImage sheet(kSheetWidth, std::max(height, kTitle));
  image::fill_rect(sheet, {0, 0, sheet.width(), sheet.height()}, kPaper);
  int top = kGap;
  for (const SheetSection& section : sections) {
    image::draw_text(sheet, kGap, top, section.tiles.empty() ? section.title + ": none" : section.title, kInk, 2);
    for (std::size_t i = 0; i < shown(section); ++i) {
      draw_tile(sheet, kGap + static_cast<int>(i % kColumns) * (kTileWidth + kGap),
                top + kTitle + static_cast<int>(i / kColumns) * (kTileHeight + kGap), section.tiles[i]);
    }
    top += height_of(section);
  }
  return sheet;
}

image::RgbImage face_tile(image::RgbView picture, const image::Box& box) {
  const float room = std::max(box.width(), box.height()) / 4;
  const auto bound = [](float value, int limit) {
    return static_cast<int>(std::clamp(std::isfinite(value) ? value : 0, 0.0F, static_cast<float>(limit)));
  };
  const image::Rect rect{
      bound(std::floor(box.x1 - room), picture.width), bound(std::floor(box.y1 - room), picture.height),
      bound(std::ceil(box.x2 + room), picture.width), bound(std::ceil(box.y2 + room), picture.height)};
  if (rect.empty()) {
    return {};
  }
  const image::RgbView part = picture.crop(rect);
  const double scale = static_cast<double>(kTilePicturePx) / std::max(part.width, part.height);
  return image::resize_bilinear(part, std::max(1, static_cast<int>(std::lround(part.width * scale))),
                                std::max(1, static_cast<int>(std::lround(part.height * scale))));
}

}  // namespace facepipe::evaluate
