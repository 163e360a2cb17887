// In float: OpenCV 5 has no steps of 1/32 pixel either, unlike OpenCV 4. Which mean: of those that recognise equally
// well it is the one that changes an embedding least when the picture is shrunk first. Tested by warp_test.cc.
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

using Colour [[gnu::vector_size(16)]] = float;  // R, G, B and nothing, in one register

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
  std::size_t begin = 0;
  std::size_t end = 0;
  float before = 0;
  float after = 0;
};

CellPixels pixels_of(const Axis& axis, int cell, int size) {
  const std::int64_t begin = axis.first + cell * axis.step;
  const std::int64_t end = begin + axis.step;
  return {static_cast<std::size_t>(std::clamp<std::int64_t>(begin, 0, size)),
          static_cast<std::size_t>(std::clamp<std::int64_t>(end, 0, size)),
          static_cast<float>(std::clamp<std::int64_t>(-begin, 0, axis.step)),
          static_cast<float>(std::clamp<std::int64_t>(end - size, 0, axis.step))};
}

// The pixels themselves.
void copy_pixels(RgbView source, const Axis& columns, const Axis& rows, Colour* cell) {
  for (int row = 0; row < rows.count; ++row) {
    const std::uint8_t* from =
        source.row(static_cast<int>(std::clamp<std::int64_t>(rows.first + row, 0, source.height - 1)));
    for (int column = 0; column < columns.count; ++column) {
      const std::uint8_t* pixel = from + 3 * std::clamp<std::int64_t>(columns.first + column, 0, source.width - 1);
      *cell++ = Colour{static_cast<float>(pixel[0]), static_cast<float>(pixel[1]), static_cast<float>(pixel[2]), 0};
    }
  }
}

void add_row(const std::uint8_t* row, float times, std::vector<float>& sums) {
  for (std::size_t i = 0; i < sums.size(); ++i) {
    sums[i] += times * static_cast<float>(row[i]);
  }
}

void add_pixel(const float* pixel, float times, Colour& sum) {
  sum += times * Colour{pixel[0], pixel[1], pixel[2], 0};
}

// The mean colour of each cell's pixels.
void average_pixels(RgbView source, const Axis& columns, const Axis& rows, Colour* cell) {
  const auto left = std::clamp<std::int64_t>(columns.first, 0, source.width - 1);
  const auto right = std::clamp<std::int64_t>(columns.first + columns.count * columns.step, left + 1, source.width);
  const RgbView part = source.crop({static_cast<int>(left), 0, static_cast<int>(right), source.height});
  std::vector<CellPixels> across;
  across.reserve(static_cast<std::size_t>(columns.count));
  for (int column = 0; column < columns.count; ++column) {
    across.push_back(pixels_of({columns.first - left, columns.step, columns.count}, column, part.width));
  }
  std::vector<float> sums(static_cast<std::size_t>(part.width) * 3);
  const float* const last_column = sums.data() + sums.size() - 3;
  const float share = 1 / (static_cast<float>(columns.step) * static_cast<float>(rows.step));
  for (int row = 0; row < rows.count; ++row) {
    const CellPixels down = pixels_of(rows, row, part.height);
    std::ranges::fill(sums, 0.0F);
    add_row(part.row(0), down.before, sums);
    for (std::size_t y = down.begin; y < down.end; ++y) {
      add_row(part.row(static_cast<int>(y)), 1, sums);
    }
    add_row(part.row(part.height - 1), down.after, sums);
    for (const CellPixels& pixels : across) {
      Colour sum{};
      add_pixel(sums.data(), pixels.before, sum);
      for (std::size_t x = pixels.begin; x < pixels.end; ++x) {
        add_pixel(sums.data() + 3 * x, 1, sum);
      }
      add_pixel(last_column, pixels.after, sum);
      *cell++ = sum * share;
    }
  }
}

// Where the samples of a pixel lie around it, in cells.
std::vector<std::array<float, 2>> samples_of(const Similarity& to_cells) {
  const double step = to_cells.scale();
  const int count = std::max(static_cast<int>(std::lround(step)), 1);
  const double side = std::sqrt(std::max(step * step - 1, 0.0)) / step;  // in pixels of the result
  std::vector<std::array<float, 2>> samples;
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

Colour bilinear(const Colour* cells, int row_length, float x, float y) {
  const int column = static_cast<int>(x);
  const int row = static_cast<int>(y);
  const float right = x - static_cast<float>(column);
  const float below = y - static_cast<float>(row);
  const Colour* const upper = cells + (row * row_length + column);
  const Colour* const lower = upper + row_length;
  const Colour above = upper[0] + right * (upper[1] - upper[0]);
  const Colour under = lower[0] + right * (lower[1] - lower[0]);
  return above + below * (under - above);
}

}  // namespace

RgbImage warp(RgbView source, const Similarity& to_source, int width, int height) {
  const double scale = to_source.scale();
  FACEPIPE_CHECK(!source.empty() && width >= 1 && height >= 1 && scale > 0);
  const auto step = static_cast<std::int64_t>(std::clamp(std::floor(scale / 2), 1.0, 1e9));
  const Bounds wanted = to_source.bounds(width - 1, height - 1);
  const Axis columns = axis_of(wanted.left, wanted.right, step);
  const Axis rows = axis_of(wanted.top, wanted.bottom, step);
  std::vector<Colour> cells(static_cast<std::size_t>(columns.count) * static_cast<std::size_t>(rows.count));
  (step == 1 ? copy_pixels : average_pixels)(source, columns, rows, cells.data());
  const auto cell = static_cast<double>(step);
  const double centre = (cell - 1) / 2;  // a cell's first pixel lies so far before its own centre
  const Similarity to_cells{to_source.a / cell, to_source.b / cell,
                            (to_source.dx - static_cast<double>(columns.first) - centre) / cell,
                            (to_source.dy - static_cast<double>(rows.first) - centre) / cell};
  const auto samples = samples_of(to_cells);
  const float share = 1 / static_cast<float>(samples.size());
  RgbImage result(width, height);
  for (int y = 0; y < height; ++y) {
    std::uint8_t* pixel = result.row(y);
    for (int x = 0; x < width; ++x) {
      const auto across = static_cast<float>(to_cells.a * x - to_cells.b * y + to_cells.dx);
      const auto down = static_cast<float>(to_cells.b * x + to_cells.a * y + to_cells.dy);
      Colour sum{};
      for (const auto& [right, below] : samples) {
        sum += bilinear(cells.data(), columns.count, across + right, down + below);
      }
      for (std::size_t channel = 0; channel < 3; ++channel) {
        *pixel++ = static_cast<std::uint8_t>(sum[channel] * share + 0.5F);
      }
    }
  }
  return result;
}

}  // namespace facepipe::image
