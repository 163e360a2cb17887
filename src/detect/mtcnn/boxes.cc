// Source of each formula: facenet-pytorch 2.6.0, utils/detect_face.py (generateBoundingBox, bbreg, rerec, pad and the
// body of detect_face). All arithmetic is float32 in the reference's order, because rounding decides between
// neighbouring pixels. Tested by boxes_test.cc.
#include "detect/mtcnn/boxes.h"

#include <algorithm>
#include <cmath>

namespace facepipe::detect {
namespace {

constexpr float kStride = 2;  // of P-Net as a whole: its one pooling
constexpr float kCell = 12;   // P-Net's field of view

image::Box apply_offsets(const image::Box& box, const std::array<float, 4>& offsets, float width, float height) {
  return {box.x1 + offsets[0] * width, box.y1 + offsets[1] * height, box.x2 + offsets[2] * width,
          box.y2 + offsets[3] * height};
}

// Truncated towards zero; what does not fit becomes the limit, far outside any picture.
int truncate(float value) {
  constexpr float kLimit = 1 << 30;
  if (std::isnan(value)) {
    return 0;
  }
  return static_cast<int>(std::clamp(value, -kLimit, kLimit));
}

}  // namespace

image::Box pnet_window(int x, int y, float scale) {
  const auto column = static_cast<float>(x);
  const auto row = static_cast<float>(y);
  return {std::floor((kStride * column + 1) / scale), std::floor((kStride * row + 1) / scale),
          std::floor((kStride * column + kCell) / scale), std::floor((kStride * row + kCell) / scale)};
}

image::Box apply_pnet_offsets(const image::Box& box, const std::array<float, 4>& offsets) {
  return apply_offsets(box, offsets, box.width(), box.height());
}

image::Box apply_inclusive_offsets(const image::Box& box, const std::array<float, 4>& offsets) {
  return apply_offsets(box, offsets, box.width() + 1, box.height() + 1);
}

image::Box square_around(const image::Box& box) {
  const float width = box.width();
  const float height = box.height();
  const float side = std::max(width, height);
  const float x1 = box.x1 + width * 0.5F - side * 0.5F;
  const float y1 = box.y1 + height * 0.5F - side * 0.5F;
  return {x1, y1, x1 + side, y1 + side};
}

std::array<image::Point, 5> landmarks_in(const image::Box& box, const std::array<float, 10>& parts) {
  const float width = box.width() + 1;
  const float height = box.height() + 1;
  std::array<image::Point, 5> points;
  for (std::size_t i = 0; i < points.size(); ++i) {
    points[i] = {width * parts[i] + box.x1 - 1, height * parts[i + 5] + box.y1 - 1};
  }
  return points;
}

OneBasedBox OneBasedBox::clip(const image::Box& box, int width, int height) {
  return {std::max(truncate(box.x1), 1), std::max(truncate(box.y1), 1), std::min(truncate(box.x2), width),
          std::min(truncate(box.y2), height)};
}

image::Rect OneBasedBox::to_rect() const {
  return {left - 1, top - 1, right, bottom};
}

}  // namespace facepipe::detect
