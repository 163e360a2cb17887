// torch.nn.functional.interpolate(mode='area') = adaptive_avg_pool2d (ATen native/AdaptiveAveragePooling.h start_index
// and end_index). Sums of 8-bit values are exact in 32 bits here and in float32 there (below 2^24), so that only the
// division and the normalisation round. O(source pixels) a level. Tested by resample_test.cc.
#include "detect/mtcnn/resample.h"

#include "base/check.h"

namespace facepipe::detect {

kernels::Window area_window(int index, int in_size, int out_size) {
  const std::int64_t begin = std::int64_t{index} * in_size / out_size;
  const std::int64_t end = ((std::int64_t{index} + 1) * in_size + out_size - 1) / out_size;
  return {static_cast<std::int32_t>(begin), static_cast<std::int32_t>(end)};
}

void fill_area_windows(int in_size, std::span<kernels::Window> windows) {
  const int out_size = static_cast<int>(windows.size());
  for (int i = 0; i < out_size; ++i) {
    windows[static_cast<std::size_t>(i)] = area_window(i, in_size, out_size);
  }
}

void resample_row(const kernels::Kernels& kernels, image::RgbView source, int y, int out_height,
                  std::span<const kernels::Window> windows, int pixel_stride, ResampleScratch& scratch, float* out) {
  FACEPIPE_CHECK(!source.empty() && source.width <= kMaxSide && source.height <= kMaxSide);
  const kernels::Window rows = area_window(y, source.height, out_height);
  scratch.sums.resize(static_cast<std::size_t>(source.width) * 3);
  kernels.sum_rows(source.row(rows.begin), source.stride_bytes, rows.end - rows.begin, source.width * 3,
                   scratch.sums.data());
  kernels.average_columns(scratch.sums.data(), source.width, windows.data(), static_cast<int>(windows.size()),
                          rows.end - rows.begin, pixel_stride, out);
}

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
