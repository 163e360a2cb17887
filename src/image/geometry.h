// Points and boxes in pixels of one named picture.
#pragma once

#include <algorithm>
#include <array>

namespace facepipe::image {

// Continuous pixel coordinates: (0,0) is the top left corner of the top left pixel; x to the right, y down.
struct Point {
  float x = 0;
  float y = 0;
  friend bool operator==(const Point&, const Point&) = default;
};

// Of a face: left eye, right eye, nose, left and right corner of the mouth, as seen in the picture.
using Landmarks = std::array<Point, 5>;

// A bounding box in float pixels, corners as facenet-pytorch returns them: x1 <= x < x2 and y1 <= y < y2 when not
// empty. May reach past the picture's edges.
struct Box {
  float x1 = 0;
  float y1 = 0;
  float x2 = 0;
  float y2 = 0;
  [[nodiscard]] float width() const { return x2 - x1; }
  [[nodiscard]] float height() const { return y2 - y1; }
  // 0 for an empty or inverted box.
  [[nodiscard]] float area() const { return std::max(0.0F, width()) * std::max(0.0F, height()); }
  friend bool operator==(const Box&, const Box&) = default;
};

// A half-open rectangle of whole pixels: columns [left, right), rows [top, bottom).
struct Rect {
  int left = 0;
  int top = 0;
  int right = 0;
  int bottom = 0;
  [[nodiscard]] int width() const { return right - left; }
  [[nodiscard]] int height() const { return bottom - top; }
  [[nodiscard]] bool empty() const { return right <= left || bottom <= top; }
  friend bool operator==(const Rect&, const Rect&) = default;
};

}  // namespace facepipe::image
