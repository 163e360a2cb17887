// Cut-outs of the picture as R-Net (24x24) and O-Net (48x48) see them.
#pragma once

#include <vector>

#include "detect/mtcnn/kernels/kernels.h"
#include "detect/mtcnn/resample.h"
#include "image/image.h"

namespace facepipe::detect {

struct CropScratch {
  ResampleScratch resample;
  std::vector<kernels::Window> columns;
};

// `rect` of the picture by area interpolation to side x side, normalised: out[side, side, 3] (N1, N2). `rect` is not
// empty and lies inside the picture; it may be smaller than the output.
void resample_crop(const kernels::Kernels& kernels, image::RgbView picture, const image::Rect& rect, int side,
                   CropScratch& scratch, float* out);

}  // namespace facepipe::detect
