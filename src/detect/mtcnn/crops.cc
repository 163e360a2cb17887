// facenet-pytorch 2.6.0, utils/detect_face.py, second and third stage. Tested by resample_test.cc.
#include "detect/mtcnn/crops.h"

namespace facepipe::detect {

void resample_crop(const kernels::Kernels& kernels, image::RgbView picture, const image::Rect& rect, int side,
                   CropScratch& scratch, float* out) {
  const image::RgbView source = picture.crop(rect);
  scratch.columns.resize(static_cast<std::size_t>(side));
  fill_area_windows(source.width, scratch.columns);
  for (int y = 0; y < side; ++y) {
    resample_row(kernels, source, y, side, scratch.columns, 3, scratch.resample, out + std::ptrdiff_t{y} * side * 3);
  }
}

}  // namespace facepipe::detect
