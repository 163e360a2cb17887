// The arithmetic of facenet-pytorch 2.6.0, models/utils/detect_face.py, extract_face and crop_resize for a PIL image.
// Tested by crop_test.cc and embed_golden_test.cc.
#include "embed/crop.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "image/resize.h"

namespace facepipe::embed {
namespace {

// Python's int(): towards zero. `value` is clamped first, so that the cast is defined for any finite value; a side that
// was out of the picture stays so far out that the rectangle is empty.
int truncate(double value, int limit) {
  return static_cast<int>(std::clamp(value, 0.0, static_cast<double>(limit)));
}

}  // namespace

image::Rect crop_rect(const image::Box& box, int width, int height, const model::Preprocessing& preprocessing) {
  const int kept_px = preprocessing.input_px - preprocessing.margin_px;
  const double x1 = double{box.x1};
  const double y1 = double{box.y1};
  const double x2 = double{box.x2};
  const double y2 = double{box.y2};
  if (kept_px <= 0 || !std::isfinite(x1) || !std::isfinite(y1) || !std::isfinite(x2) || !std::isfinite(y2)) {
    return {};
  }
  // The reference computes with Python floats (its boxes are float32 values in an array of objects), so in double.
  const double margin_x = preprocessing.margin_px * (x2 - x1) / kept_px;
  const double margin_y = preprocessing.margin_px * (y2 - y1) / kept_px;
  const image::Rect rect{truncate(x1 - margin_x / 2, width), truncate(y1 - margin_y / 2, height),
                         truncate(x2 + margin_x / 2, width), truncate(y2 + margin_y / 2, height)};
  return rect.empty() ? image::Rect{} : rect;
}

image::RgbImage make_crop(image::RgbView picture, const image::Box& box, const model::Preprocessing& preprocessing) {
  const image::Rect rect = crop_rect(box, picture.width, picture.height, preprocessing);
  if (rect.empty()) {
    return {};
  }
  image::RgbImage crop = image::resize_bilinear(picture.crop(rect), preprocessing.input_px, preprocessing.input_px);
  if (preprocessing.min_max_stretch) {
    min_max_stretch(crop);
  }
  return crop;
}

void min_max_stretch(image::RgbImage& crop) {
  const auto [low, high] = std::minmax_element(crop.pixels().begin(), crop.pixels().end());
  if (low == crop.pixels().end()) {
    return;
  }
  // Whole numbers give what the reference's float32 steps give, for every byte, minimum and maximum: crop_test.cc
  // tries them all.
  std::array<std::uint8_t, 256> stretched{};
  const int minimum = *low;
  const int range = *high - minimum;
  for (int offset = 1; offset <= range; ++offset) {
    stretched[static_cast<std::size_t>(minimum) + static_cast<std::size_t>(offset)] =
        static_cast<std::uint8_t>(offset * 255 / range);
  }
  for (int y = 0; y < crop.height(); ++y) {
    std::uint8_t* row = crop.row(y);
    std::transform(row, row + crop.stride_bytes(), row, [&](std::uint8_t byte) { return stretched[byte]; });
  }
}

}  // namespace facepipe::embed
