// facenet-pytorch 2.6.0, utils/detect_face.py, "Create scale pyramid". Tested by pyramid_test.cc.
#include "detect/mtcnn/pyramid.h"

#include <algorithm>

namespace facepipe::detect {

std::vector<double> pyramid_scales(int width, int height, int min_face_size_px, double factor) {
  constexpr double kPnetField = 12;  // P-Net's field of view
  std::vector<double> scales;
  double scale = kPnetField / min_face_size_px;
  double shorter_side = std::min(width, height) * scale;
  while (shorter_side >= kPnetField) {
    scales.push_back(scale);
    scale *= factor;
    shorter_side *= factor;
  }
  return scales;
}

void make_pyramid(int width, int height, int min_face_size_px, double factor, std::vector<PyramidLevel>& levels) {
  const std::vector<double> scales = pyramid_scales(width, height, min_face_size_px, factor);
  levels.resize(scales.size());
  for (std::size_t i = 0; i < scales.size(); ++i) {
    PyramidLevel& level = levels[i];
    level.scale = scales[i];
    level.width = static_cast<int>(width * scales[i] + 1);
    level.height = static_cast<int>(height * scales[i] + 1);
    level.columns.resize(static_cast<std::size_t>(level.width));
    fill_area_windows(width, level.columns);
  }
}

void make_level_row(const kernels::Kernels& kernels, image::RgbView picture, const PyramidLevel& level, int y,
                    std::ptrdiff_t half_stride, PyramidScratch& scratch, float* out) {
  scratch.pixels.resize(static_cast<std::size_t>(level.width) * 4);
  resample_row(kernels, picture, y, level.height, level.columns, 4, scratch.resample, scratch.pixels.data());
  kernels.split_columns(scratch.pixels.data(), level.width, out, half_stride);
}

}  // namespace facepipe::detect
