// Area interpolation: adaptive average pooling, as facenet-pytorch's imresample does it (N1).
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/aligned_buffer.h"
#include "detect/mtcnn/kernels/kernels.h"
#include "image/image.h"

namespace facepipe::detect {

// The source pixels that output pixel `index` of `out_size` averages: floor(index * in / out) up to, not including,
// ceil((index + 1) * in / out). Neighbours may share a pixel; a window has
// ceil(in / out) pixels or one more. 0 <= index < out_size,
// in_size >= 1.
[[nodiscard]] kernels::Window area_window(int index, int in_size, int out_size);

// Every window of one axis.
void fill_area_windows(int in_size, std::span<kernels::Window> windows);

struct ResampleScratch {
  AlignedBuffer<std::uint32_t> sums;
};

// One output row: row `y` of `out_height`, windows.size() columns, normalised to (mean - 127.5) / 128 (N2).
// out[x * pixel_stride + channel]; pixel_stride 3 or 4. `source` is not empty and has sides <= kMaxSide.
inline constexpr int kMaxSide = 1 << 15;  // a sum over any window of the pyramid then stays below 2^31
void resample_row(const kernels::Kernels& kernels, image::RgbView source, int y, int out_height,
                  std::span<const kernels::Window> windows, int pixel_stride, ResampleScratch& scratch, float* out);

// --- Cut-outs of the picture as R-Net (24x24) and O-Net (48x48) see them.
struct CropScratch {
  ResampleScratch resample;
  std::vector<kernels::Window> columns;
};

// `rect` of the picture by area interpolation to side x side, normalised: out[side, side, 3] (N1, N2). `rect` is not
// empty and lies inside the picture; it may be smaller than the output.
void resample_crop(const kernels::Kernels& kernels, image::RgbView picture, const image::Rect& rect, int side,
                   CropScratch& scratch, float* out);

}  // namespace facepipe::detect
