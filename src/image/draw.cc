// Clipped rectangles, and everything else out of them. Coordinates are worked out in 64 bits and clipped before they
// become pixels, so that no box, place or scale overflows. Tested by draw_test.cc.
#include "image/draw.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>

#include "image/font.h"

namespace facepipe::image {
namespace {

constexpr int kAdvance = kGlyphWidth + 1;

// Rect, in 64 bits.
struct Area {
  std::int64_t left;
  std::int64_t top;
  std::int64_t right;
  std::int64_t bottom;
};

void fill(RgbImage& picture, const Area& area, Color color) {
  const auto left = static_cast<int>(std::clamp<std::int64_t>(area.left, 0, picture.width()));
  const auto right = static_cast<int>(std::clamp<std::int64_t>(area.right, 0, picture.width()));
  const auto top = static_cast<int>(std::clamp<std::int64_t>(area.top, 0, picture.height()));
  const auto bottom = static_cast<int>(std::clamp<std::int64_t>(area.bottom, 0, picture.height()));
  for (int y = top; y < bottom; ++y) {
    std::uint8_t* pixel = picture.row(y) + static_cast<std::ptrdiff_t>(left) * 3;
    for (int x = left; x < right; ++x, pixel += 3) {
      pixel[0] = color.red;
      pixel[1] = color.green;
      pixel[2] = color.blue;
    }
  }
}

// A coordinate as a whole number, kept where thicknesses can be added to it without harm.
std::int64_t to_whole(float rounded) {
  constexpr float kFar = 1e12F;
  return static_cast<std::int64_t>(std::clamp(rounded, -kFar, kFar));
}

// UTF-8: every byte but a continuation byte (10xxxxxx) begins a code point.
bool begins_code_point(char byte) {
  return (static_cast<unsigned char>(byte) & 0xC0U) != 0x80U;
}

}  // namespace

void fill_rect(RgbImage& picture, const Rect& rect, Color color) {
  fill(picture, {rect.left, rect.top, rect.right, rect.bottom}, color);
}

void draw_box(RgbImage& picture, const Box& box, Color color, int thickness_px) {
  const bool finite = std::isfinite(box.x1) && std::isfinite(box.y1) && std::isfinite(box.x2) && std::isfinite(box.y2);
  if (!finite || box.x1 >= box.x2 || box.y1 >= box.y2 || thickness_px < 1) {
    return;
  }
  const Area outer{to_whole(std::floor(box.x1)), to_whole(std::floor(box.y1)), to_whole(std::ceil(box.x2)),
                   to_whole(std::ceil(box.y2))};
  const std::int64_t thickness =
      std::min<std::int64_t>(thickness_px, std::min(outer.right - outer.left, outer.bottom - outer.top));
  fill(picture, {outer.left, outer.top, outer.right, outer.top + thickness}, color);
  fill(picture, {outer.left, outer.bottom - thickness, outer.right, outer.bottom}, color);
  fill(picture, {outer.left, outer.top, outer.left + thickness, outer.bottom}, color);
  fill(picture, {outer.right - thickness, outer.top, outer.right, outer.bottom}, color);
}

void draw_text(RgbImage& picture, int left, int top, std::string_view text, Color color, int scale) {
  if (scale < 1) {
    return;
  }
  std::int64_t glyph_left = left;
  for (const char character : text) {
    if (glyph_left >= picture.width()) {
      return;
    }
    if (!begins_code_point(character)) {
      continue;
    }
    const Glyph& glyph = glyph_of(character);
    for (int row = 0; row < kGlyphHeight; ++row) {
      for (int column = 0; column < kGlyphWidth; ++column) {
        if (((glyph[static_cast<std::size_t>(row)] >> (kGlyphWidth - 1 - column)) & 1) != 0) {
          const std::int64_t x = glyph_left + std::int64_t{column} * scale;
          const std::int64_t y = top + std::int64_t{row} * scale;
          fill(picture, {x, y, x + scale, y + scale}, color);
        }
      }
    }
    glyph_left += std::int64_t{kAdvance} * scale;
  }
}

int text_width_px(std::string_view text, int scale) {
  const std::int64_t characters = std::count_if(text.begin(), text.end(), begins_code_point);
  if (characters == 0 || scale < 1) {
    return 0;
  }
  constexpr std::int64_t kMost = std::numeric_limits<int>::max();
  return static_cast<int>(std::min(kMost, (std::min(characters, kMost) * kAdvance - 1) * scale));
}

int text_height_px(int scale) {
  return std::max(scale, 0) * kGlyphHeight;
}

}  // namespace facepipe::image
