// A 5x7 bitmap font for annotations: printable ASCII. Internal to this module.
#pragma once

#include <array>
#include <cstdint>

namespace facepipe::image {

constexpr int kGlyphWidth = 5;
constexpr int kGlyphHeight = 7;
// Rows from top to bottom; bit 4 is the leftmost pixel.
using Glyph = std::array<std::uint8_t, kGlyphHeight>;

// The glyph of ' '..'~'; of '?' for any other character. Lives for the whole program.
[[nodiscard]] const Glyph& glyph_of(char character);

}  // namespace facepipe::image
