// The picture at the sizes in which P-Net looks for 12-pixel faces.
#pragma once

#include <vector>

#include "detect/mtcnn/kernels/kernels.h"
#include "detect/mtcnn/resample.h"
#include "image/image.h"

namespace facepipe::detect {

struct PyramidLevel {
  double scale = 1;  // level pixels a picture pixel
  int width = 0;     // int(picture width * scale + 1) (N3)
  int height = 0;
  std::vector<kernels::Window> columns;  // source columns of each level column
};

// The levels' scales, falling: 12 / min_face_size_px, then times `factor` while the shorter side keeps 12 pixels (N3).
// Empty if the picture is smaller than the minimum face (N4).
[[nodiscard]] std::vector<double> pyramid_scales(int width, int height, int min_face_size_px, double factor);

// `levels` keeps its memory when the picture's size does not change.
void make_pyramid(int width, int height, int min_face_size_px, double factor, std::vector<PyramidLevel>& levels);

// Memory of one thread that makes rows.
struct PyramidScratch {
  ResampleScratch resample;
  AlignedBuffer<float> pixels;
};

// Row `y` of a level, normalised, as P-Net's first layer reads it: three channels, each as even and odd columns
// `half_stride` floats apart (kernels::Kernels::split_columns).
void make_level_row(const kernels::Kernels& kernels, image::RgbView picture, const PyramidLevel& level, int y,
                    std::ptrdiff_t half_stride, PyramidScratch& scratch, float* out);

}  // namespace facepipe::detect
