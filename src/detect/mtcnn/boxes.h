// Box arithmetic between the networks, with facenet-pytorch's conventions (utils/detect_face.py).
#pragma once

#include <array>

#include "image/geometry.h"

namespace facepipe::detect {

// A box that may hold a face, between two networks.
struct Candidate {
  image::Box box;
  float score = 0;               // the last network's probability
  std::array<float, 4> offsets;  // the last network's correction of x1, y1, x2, y2, in parts of width and height
};

// P-Net's window at output column `x` and row `y` of the pyramid level with this scale: 12x12 pixels of the level every
// second pixel, back in the picture and rounded down, corner by corner (N5).
[[nodiscard]] image::Box pnet_window(int x, int y, float scale);

// P-Net's correction: in parts of x2 - x1 and y2 - y1 (N6).
[[nodiscard]] image::Box apply_pnet_offsets(const image::Box& box, const std::array<float, 4>& offsets);

// R-Net's and O-Net's correction: in parts of x2 - x1 + 1 and y2 - y1 + 1, inclusive widths (N6).
[[nodiscard]] image::Box apply_inclusive_offsets(const image::Box& box, const std::array<float, 4>& offsets);

// The square with the same middle and the longer side. No +1 here (N6).
[[nodiscard]] image::Box square_around(const image::Box& box);

// O-Net's landmarks, [x of five points, y of five points] in parts of the inclusive widths, minus one (N7). The box is
// the one that O-Net saw, not the corrected one.
[[nodiscard]] std::array<image::Point, 5> landmarks_in(const image::Box& box, const std::array<float, 10>& parts);

// The reference's reading of a box when it cuts pixels out: whole pixels counted from 1, both ends included (N8).
struct OneBasedBox {
  int left = 1;
  int top = 1;
  int right = 0;
  int bottom = 0;

  // Coordinates cut off towards zero, then to [1, width] and [1, height] at the near ends: left and top may still be
  // past the picture, right and bottom before it; to_rect() is then empty. NaN counts as 0.
  [[nodiscard]] static OneBasedBox clip(const image::Box& box, int width, int height);
  // Pixels counted from 0, half open. Empty if the box is outside the picture or inverted.
  [[nodiscard]] image::Rect to_rect() const;
};

}  // namespace facepipe::detect
