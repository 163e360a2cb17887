// In float, without OpenCV 4's steps of 1/32 pixel; OpenCV 5 has none either. Tested by warp_test.cc.
#include "image/warp.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/check.h"

namespace facepipe::image {
namespace {

// One axis of the squares that are averaged: [first, first + count * step) of the source, with the squares at the ends
// reaching past its edges.
struct Squares {
  int first = 0;
  int count = 0;
};

// Those that hold a pixel of [0, size), from the one around `low` to the one around `high`.
Squares squares_between(double low, double high, int size, int step) {
  // Counted from the square of `low`; a part beside the picture takes the nearest square.
  const double limit = 2.0 * step + size;
  const auto anchor = static_cast<std::int64_t>(std::floor(std::clamp(low, -1e12, 1e12)));
  const std::int64_t skipped = anchor < 0 ? -anchor / step : 0;
  const std::int64_t first = std::min<std::int64_t>(anchor + skipped * step, size - 1);
  const double last = std::clamp(std::floor(high), static_cast<double>(first), limit);
  const std::int64_t end = std::min<std::int64_t>(static_cast<std::int64_t>(last) + 1, size);
  return {static_cast<int>(first), static_cast<int>(std::max<std::int64_t>((end - first + step - 1) / step, 1))};
}

// Sums of `step` rows from `top` on, rows past the edges being the nearest one; whole rows of `source`.
void add_rows(RgbView source, int top, int step, std::vector<std::uint32_t>& sums) {
  std::ranges::fill(sums, 0U);
  for (int y = top; y < top + step; ++y) {
    const std::uint8_t* row = source.row(std::clamp(y, 0, source.height - 1));
    for (std::size_t i = 0; i < sums.size(); ++i) {
      sums[i] += row[i];
    }
  }
}

// The mean colour of each square, step x step pixels.
RgbImage means_of_squares(RgbView source, const Squares& columns, const Squares& rows, int step) {
  RgbImage means(columns.count, rows.count);
  const int left = std::max(columns.first, 0);
  const int right = std::min(columns.first + columns.count * step, source.width);
  const RgbView part = source.crop({left, 0, right, source.height});
  std::vector<std::uint32_t> sums(static_cast<std::size_t>(part.width) * 3);
  const std::uint64_t pixels = static_cast<std::uint64_t>(step) * static_cast<std::uint64_t>(step);
  for (int row = 0; row < rows.count; ++row) {
    add_rows(part, rows.first + row * step, step, sums);
    std::uint8_t* mean = means.row(row);
    for (int column = 0; column < columns.count; ++column) {
      std::array<std::uint64_t, 3> total{};
      const int begin = columns.first + column * step - left;
      for (int x = begin; x < begin + step; ++x) {
        const std::uint32_t* sum = sums.data() + std::ptrdiff_t{3} * std::clamp(x, 0, part.width - 1);
        total[0] += sum[0];
        total[1] += sum[1];
        total[2] += sum[2];
      }
      for (const std::uint64_t channel : total) {
        *mean++ = static_cast<std::uint8_t>((channel + pixels / 2) / pixels);
      }
    }
  }
  return means;
}

// The lower of the two pixels that a coordinate lies between, and how far it is past it.
struct Between {
  std::ptrdiff_t lower = 0;
  float share = 0;
};

Between between(double coordinate, int size) {
  const double inside = std::clamp(coordinate, 0.0, static_cast<double>(size - 1));
  const int lower = std::min(static_cast<int>(inside), std::max(size - 2, 0));
  return {lower, static_cast<float>(inside - lower)};
}

RgbImage sample(RgbView source, const Similarity& to_source, int width, int height) {
  RgbImage result(width, height);
  const std::ptrdiff_t next_column = source.width > 1 ? 3 : 0;
  const std::ptrdiff_t next_row = source.height > 1 ? source.stride_bytes : 0;
  for (int y = 0; y < height; ++y) {
    std::uint8_t* pixel = result.row(y);
    const double row_x = to_source.dx - to_source.b * y;
    const double row_y = to_source.dy + to_source.a * y;
    for (int x = 0; x < width; ++x) {
      const Between across = between(row_x + to_source.a * x, source.width);
      const Between down = between(row_y + to_source.b * x, source.height);
      const std::uint8_t* at = source.pixels + down.lower * source.stride_bytes + across.lower * 3;
      const float lower_right = across.share * down.share;
      const float upper_right = across.share - lower_right;
      const float lower_left = down.share - lower_right;
      const float upper_left = 1 - across.share - lower_left;
      for (std::ptrdiff_t channel = 0; channel < 3; ++channel) {
        const float value = upper_left * static_cast<float>(at[channel]) +
                            upper_right * static_cast<float>(at[channel + next_column]) +
                            lower_left * static_cast<float>(at[channel + next_row]) +
                            lower_right * static_cast<float>(at[channel + next_row + next_column]);
        *pixel++ = static_cast<std::uint8_t>(value + 0.5F);
      }
    }
  }
  return result;
}

}  // namespace

RgbImage warp(RgbView source, const Similarity& to_source, int width, int height) {
  FACEPIPE_CHECK(!source.empty() && width >= 1 && height >= 1 && to_source.scale() > 0);
  const int larger = std::max(source.width, source.height);
  // A step past the picture itself would only average its replicated edges.
  const int step = static_cast<int>(std::clamp(std::floor(to_source.scale()), 1.0, static_cast<double>(larger)));
  if (step == 1) {
    return sample(source, to_source, width, height);
  }
  const Bounds wanted = to_source.bounds(width - 1, height - 1);
  // A square more on each side for the bilinear steps between them.
  const Squares columns = squares_between(wanted.left - step, wanted.right + step, source.width, step);
  const Squares rows = squares_between(wanted.top - step, wanted.bottom + step, source.height, step);
  const RgbImage means = means_of_squares(source, columns, rows, step);
  // The centre of a square's first pixel lies (step - 1) / 2 before the square's own.
  const double centre = (step - 1) / 2.0;
  return sample(means.view(),
                {to_source.a / step, to_source.b / step, (to_source.dx - columns.first - centre) / step,
                 (to_source.dy - rows.first - centre) / step},
                width, height);
}

}  // namespace facepipe::image
