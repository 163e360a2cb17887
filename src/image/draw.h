// Boxes and labels on a picture, for people to look at.
#pragma once

#include <cstdint>
#include <string_view>

#include "image/geometry.h"
#include "image/image.h"

namespace facepipe::image {

struct Color {
  std::uint8_t red = 0;
  std::uint8_t green = 0;
  std::uint8_t blue = 0;
  friend bool operator==(const Color&, const Color&) = default;
};

// What lies past the picture's edges is left out, by all of these. None allocates; not for one picture from two
// threads.

// Fills `rect`; nothing if it is empty.
void fill_rect(RgbImage& picture, const Rect& rect, Color color);

// The outline of every pixel that `box` touches, `thickness_px` wide, inside it. Nothing if the box is empty, inverted
// or not finite, or thickness_px < 1.
void draw_box(RgbImage& picture, const Box& box, Color color, int thickness_px);

// One line of text whose top left corner is at (left, top), in a built-in font of 5x7 squares of `scale` x `scale`
// pixels, with one empty column between characters. `text` is UTF-8: printable ASCII is drawn, any other code point is
// a '?'. Nothing if scale < 1.
void draw_text(RgbImage& picture, int left, int top, std::string_view text, Color color, int scale = 1);

// The size that draw_text() covers; 0 for an empty text. A width past INT_MAX is answered as INT_MAX. scale in 1..1000.
[[nodiscard]] int text_width_px(std::string_view text, int scale);
[[nodiscard]] int text_height_px(int scale);

}  // namespace facepipe::image
