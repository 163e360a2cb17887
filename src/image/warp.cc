// In float: OpenCV 5 has no steps of 1/32 pixel either, unlike OpenCV 4. Which mean: of those that recognise equally
// well it is the one that changes an embedding least when the picture is shrunk first. Tested by warp_test.cc.
#include "image/warp.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <vector>

#include "base/check.h"
#include "image/kernels/kernels.h"

namespace facepipe::image {
namespace {

using Colour [[gnu::vector_size(16)]] = float;  // R, G, B and anything, in one register

// One axis of the part that is wanted: `count` cells of `step` pixels each, the first of them at pixel `first`.
struct Axis {
  std::int64_t first = 0;
  std::int64_t step = 1;
  int count = 0;
};

// Cells around [low, high] and some more, for the samples around a pixel and their neighbours.
Axis axis_of(double low, double high, std::int64_t step) {
  constexpr int kRoom = 4;
  constexpr double kFarthest = 1e15;
  const auto first = static_cast<std::int64_t>(std::floor(std::clamp(low, -kFarthest, kFarthest))) - kRoom * step;
  const double cells = (high - low) / static_cast<double>(step);
  return {first, step, static_cast<int>(std::ceil(cells)) + 2 * kRoom + 1};
}

// The pixels of a cell on an axis of `size` pixels; those past an edge are its nearest one, so many times.
struct CellPixels {
  int begin = 0;
  int end = 0;
  float before = 0;
  float after = 0;
};

CellPixels pixels_of(const Axis& axis, int cell, int size) {
  const std::int64_t begin = axis.first + cell * axis.step;
  const std::int64_t end = begin + axis.step;
  return {static_cast<int>(std::clamp<std::int64_t>(begin, 0, size)),
          static_cast<int>(std::clamp<std::int64_t>(end, 0, size)),
          static_cast<float>(std::clamp<std::int64_t>(-begin, 0, axis.step)),
          static_cast<float>(std::clamp<std::int64_t>(end - size, 0, axis.step))};
}

// Of three floats, with one more behind them.
Colour colour_at(const float* pixel) {
  Colour colour;
  std::memcpy(&colour, pixel, sizeof(colour));
  return colour;
}

// The mean colour of each cell's pixels, [rows][columns].
std::unique_ptr<Colour[]> average_pixels(RgbView source, const Axis& columns, const Axis& rows) {
  auto cells = std::make_unique_for_overwrite<Colour[]>(static_cast<std::size_t>(columns.count) *
                                                        static_cast<std::size_t>(rows.count));
  const auto left = std::clamp<std::int64_t>(columns.first, 0, source.width - 1);
  const auto right = std::clamp<std::int64_t>(columns.first + columns.count * columns.step, left + 1, source.width);
  const RgbView part = source.crop({static_cast<int>(left), 0, static_cast<int>(right), source.height});
  std::vector<CellPixels> across;
  across.reserve(static_cast<std::size_t>(columns.count));
  for (int column = 0; column < columns.count; ++column) {
    across.push_back(pixels_of({columns.first - left, columns.step, columns.count}, column, part.width));
  }
  const std::size_t values = static_cast<std::size_t>(part.width) * 3;
  std::vector<float> sums(values + 1);  // a colour is read with the value behind it
  const auto sum_rows = kernels::highway_kernels().sum_rows;
  const float share = 1 / (static_cast<float>(columns.step) * static_cast<float>(rows.step));
  Colour* cell = cells.get();
  for (int row = 0; row < rows.count; ++row) {
    const CellPixels down = pixels_of(rows, row, part.height);
    sum_rows({.in = part.pixels,
              .in_stride = part.stride_bytes,
              .height = part.height,
              .bytes = values,
              .begin = down.begin,
              .end = down.end,
              .before = down.before,
              .after = down.after,
              .sums = sums.data()});
    for (const CellPixels& pixels : across) {
      Colour sum = pixels.before * colour_at(sums.data());
      for (int x = pixels.begin; x < pixels.end; ++x) {
        sum += colour_at(sums.data() + std::ptrdiff_t{3} * x);
      }
      sum += pixels.after * colour_at(sums.data() + values - 3);
      *cell++ = sum * share;
    }
  }
  return cells;
}

// Where the samples of a pixel lie around it, in cells.
std::vector<kernels::Offset> samples_of(const Similarity& to_cells) {
  constexpr int kMostAcross = 4;  // a step is less than 4 cells
  static_assert(kMostAcross * kMostAcross == kernels::kMostSamples);
  const double step = to_cells.scale();
  const int count = std::clamp(static_cast<int>(std::lround(step)), 1, kMostAcross);
  const double side = std::sqrt(std::max(step * step - 1, 0.0)) / step;  // in pixels of the result
  std::vector<kernels::Offset> samples;
  for (int i = 0; i < count; ++i) {
    for (int j = 0; j < count; ++j) {
      const double x = ((i + 0.5) / count - 0.5) * side;
      const double y = ((j + 0.5) / count - 0.5) * side;
      samples.push_back(
          {static_cast<float>(to_cells.a * x - to_cells.b * y), static_cast<float>(to_cells.b * x + to_cells.a * y)});
    }
  }
  return samples;
}

// Samples a run of the result's pixels, from (x, y) on, of the cells that `sampling` names.
void sample_run(void (*sample)(const kernels::Sampling&), const Similarity& to_cells, int x, int y, RgbImage& result,
                kernels::Sampling& sampling) {
  sampling.pixels = std::min(kernels::kRun, result.width() - x);
  sampling.out = result.row(y) + std::ptrdiff_t{3} * x;
  for (int i = 0; i < kernels::kRun; ++i) {
    const int column = x + std::min(i, sampling.pixels - 1);
    sampling.across[static_cast<std::size_t>(i)] =
        static_cast<float>(to_cells.a * column - to_cells.b * y + to_cells.dx);
    sampling.down[static_cast<std::size_t>(i)] = static_cast<float>(to_cells.b * column + to_cells.a * y + to_cells.dy);
  }
  sample(sampling);
}

void warp_cells(const Colour* cells, int row_length, const Similarity& to_cells, RgbImage& result) {
  const auto offsets = samples_of(to_cells);
  const auto sample = kernels::highway_kernels().sample_floats;
  kernels::Sampling sampling{.floats = reinterpret_cast<const float*>(cells),
                             .stride = row_length,
                             .offsets = offsets.data(),
                             .samples = static_cast<int>(offsets.size())};
  for (int y = 0; y < result.height(); ++y) {
    for (int x = 0; x < result.width(); x += kernels::kRun) {
      sample_run(sample, to_cells, x, y, result, sampling);
    }
  }
}

// A part of a picture: as it lies there, or where it reaches past an edge a copy that goes on with the nearest pixels.
class Part {
 public:
  // Of columns x rows pixels of `source` from (left, top) on.
  RgbView take(RgbView source, std::int64_t left, std::int64_t top, int columns, int rows) {
    // One pixel more: sample_bytes reads a little past the last.
    if (left >= 0 && top >= 0 && left + columns < source.width && top + rows <= source.height) {
      return source.crop({static_cast<int>(left), static_cast<int>(top), static_cast<int>(left) + columns,
                          static_cast<int>(top) + rows});
    }
    const std::ptrdiff_t stride = std::ptrdiff_t{3} * (columns + 1);
    copy_.resize(static_cast<std::size_t>(stride) * static_cast<std::size_t>(rows));
    const auto before = static_cast<int>(std::clamp<std::int64_t>(-left, 0, columns));
    const auto end = static_cast<int>(std::clamp<std::int64_t>(source.width - left, before, columns));
    for (int row = 0; row < rows; ++row) {
      const std::uint8_t* from =
          source.row(static_cast<int>(std::clamp<std::int64_t>(top + row, 0, source.height - 1)));
      std::uint8_t* to = copy_.data() + row * stride;
      repeat(from, before, to);
      std::copy_n(from + 3 * (left + before), std::ptrdiff_t{3} * (end - before), to + std::ptrdiff_t{3} * before);
      repeat(from + std::ptrdiff_t{3} * (source.width - 1), columns - end, to + std::ptrdiff_t{3} * end);
    }
    return {copy_.data(), columns, rows, stride};
  }

 private:
  static void repeat(const std::uint8_t* pixel, int times, std::uint8_t* to) {
    for (int i = 0; i < times; ++i, to += 3) {
      std::copy_n(pixel, 3, to);
    }
  }

  std::vector<std::uint8_t> copy_;
};

// Cells are pixels, the first of them at (left, top) of `source`. The result is made in squares, so that of a turned
// picture those at its edges alone are copied.
void warp_pixels(RgbView source, std::int64_t left, std::int64_t top, const Similarity& to_cells, RgbImage& result) {
  const auto offsets = samples_of(to_cells);
  const auto sample = kernels::highway_kernels().sample_bytes;
  kernels::Sampling sampling{.offsets = offsets.data(), .samples = static_cast<int>(offsets.size())};
  Part part;
  for (int y = 0; y < result.height(); y += kernels::kRun) {
    const int below = std::min(y + kernels::kRun, result.height());
    for (int x = 0; x < result.width(); x += kernels::kRun) {
      const int right = std::min(x + kernels::kRun, result.width());
      Similarity to_square = to_cells;
      to_square.dx += to_cells.a * x - to_cells.b * y;
      to_square.dy += to_cells.b * x + to_cells.a * y;
      const Bounds bounds = to_square.bounds(right - 1 - x, below - 1 - y);
      const Axis columns = axis_of(bounds.left, bounds.right, 1);
      const Axis rows = axis_of(bounds.top, bounds.bottom, 1);
      const RgbView pixels = part.take(source, left + columns.first, top + rows.first, columns.count, rows.count);
      sampling.bytes = pixels.pixels;
      sampling.stride = static_cast<int>(pixels.stride_bytes);
      sampling.first_column = static_cast<int>(columns.first);
      sampling.first_row = static_cast<int>(rows.first);
      for (int row = y; row < below; ++row) {
        sample_run(sample, to_cells, x, row, result, sampling);
      }
    }
  }
}

}  // namespace

RgbImage warp(RgbView source, const Similarity& to_source, int width, int height) {
  const double scale = to_source.scale();
  FACEPIPE_CHECK(!source.empty() && width >= 1 && height >= 1 && scale > 0);
  const auto step = static_cast<std::int64_t>(std::clamp(std::floor(scale / 2), 1.0, 1e15));
  const Bounds wanted = to_source.bounds(width - 1, height - 1);
  const Axis columns = axis_of(wanted.left, wanted.right, step);
  const Axis rows = axis_of(wanted.top, wanted.bottom, step);
  const auto cell = static_cast<double>(step);
  const double centre = (cell - 1) / 2;  // a cell's first pixel lies so far before its own centre
  const Similarity to_cells{to_source.a / cell, to_source.b / cell,
                            (to_source.dx - static_cast<double>(columns.first) - centre) / cell,
                            (to_source.dy - static_cast<double>(rows.first) - centre) / cell};
  RgbImage result(width, height);
  if (step == 1) {
    warp_pixels(source, columns.first, rows.first, to_cells, result);
  } else {
    warp_cells(average_pixels(source, columns, rows).get(), columns.count, to_cells, result);
  }
  return result;
}

}  // namespace facepipe::image
