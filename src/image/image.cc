#include "image/image.h"

#include <algorithm>

namespace facepipe::image {

RgbImage RgbImage::clone(RgbView view) {
  if (view.empty()) {
    return {};
  }
  RgbImage copy(view.width, view.height);
  for (int y = 0; y < view.height; ++y) {
    std::copy_n(view.row(y), copy.stride_bytes(), copy.row(y));
  }
  return copy;
}

}  // namespace facepipe::image
