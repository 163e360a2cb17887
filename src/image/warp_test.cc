// Against OpenCV: embed/landmarks_test.cc.
#include "image/warp.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <vector>

#include "base/each_vector_width.h"
#include "image/test_pictures.h"

namespace facepipe::image {
namespace {

using testing::make_pattern;

std::array<int, 3> colour(const RgbImage& picture, int x, int y) {
  const std::uint8_t* pixel = picture.row(y) + std::ptrdiff_t{3} * x;
  return {pixel[0], pixel[1], pixel[2]};
}

TEST(Warp, NothingMovedIsACopy) {
  const RgbImage picture = make_pattern(9, 7);
  EXPECT_EQ(warp(picture.view(), {}, 9, 7).pixels(), picture.pixels());
}

TEST(Warp, WholePixelsAreTakenAsTheyAreAndEdgesGoOn) {
  const RgbImage picture = make_pattern(9, 7);
  const RgbImage moved = warp(picture.view(), {.a = 1, .b = 0, .dx = -2, .dy = 4}, 13, 5);
  for (int y = 0; y < 5; ++y) {
    for (int x = 0; x < 13; ++x) {
      EXPECT_EQ(colour(moved, x, y), colour(picture, std::clamp(x - 2, 0, 8), std::clamp(y + 4, 0, 6)));
    }
  }
}

TEST(Warp, AQuarterTurn) {
  const RgbImage picture = make_pattern(4, 4);
  const RgbImage turned = warp(picture.view(), {.a = 0, .b = 1, .dx = 3, .dy = 0}, 4, 4);
  for (int y = 0; y < 4; ++y) {
    for (int x = 0; x < 4; ++x) {
      EXPECT_EQ(colour(turned, x, y), colour(picture, 3 - y, x));
    }
  }
}

TEST(Warp, BetweenPixelsByTheirDistance) {
  RgbImage picture(2, 2);
  const std::uint8_t values[] = {0, 100, 40, 200};
  for (int i = 0; i < 4; ++i) {
    std::fill_n(picture.row(i / 2) + (i % 2) * 3, 3, values[i]);
  }
  const RgbImage between = warp(picture.view(), {.a = 1, .b = 0, .dx = 0.25, .dy = 0.5}, 1, 1);
  EXPECT_EQ(colour(between, 0, 0),
            (std::array{53, 53, 53}));  // ((0.75 * 0 + 0.25 * 100) + (0.75 * 40 + 0.25 * 200)) / 2
}

TEST(Warp, LargeStepsAverage) {
  // Stripes of one pixel: whichever of them were picked, the answer would be 0 or 200.
  RgbImage picture(64, 64);
  for (int y = 0; y < 64; ++y) {
    for (int x = 0; x < 64; ++x) {
      std::fill_n(picture.row(y) + std::ptrdiff_t{3} * x, 3, static_cast<std::uint8_t>(x % 2 == 0 ? 0 : 200));
    }
  }
  const RgbImage small = warp(picture.view(), {.a = 4, .b = 0, .dx = 4, .dy = 4}, 14, 14);
  EXPECT_TRUE(std::ranges::all_of(small.pixels(), [](std::uint8_t value) { return value == 100; }));
}

// One axis of the squares of `step` pixels: the first begins at pixel `first`.
struct PlainAxis {
  PlainAxis(double low, double high, int step_pixels)
      : first(static_cast<int>(std::floor(low)) - 4 * step_pixels),
        step(step_pixels),
        count(static_cast<int>(std::ceil((high - low) / step_pixels)) + 9) {}
  int first;
  int step;
  int count;
};

// The mean of a square, pixel by pixel: exact in float, as sums of small whole numbers are.
float plain_cell(RgbView source, const PlainAxis& columns, const PlainAxis& rows, int column, int row, int channel) {
  float sum = 0;
  for (int y = 0; y < rows.step; ++y) {
    const std::uint8_t* from = source.row(std::clamp(rows.first + row * rows.step + y, 0, source.height - 1));
    for (int x = 0; x < columns.step; ++x) {
      sum += static_cast<float>(
          from[3 * std::clamp(columns.first + column * columns.step + x, 0, source.width - 1) + channel]);
    }
  }
  return sum * (1 / (static_cast<float>(rows.step) * static_cast<float>(columns.step)));
}

// One channel of every cell, then one sample after another.
RgbImage plain_warp(RgbView source, const Similarity& to_source, int width, int height) {
  const int step = std::max(1, static_cast<int>(to_source.scale() / 2));
  const Bounds wanted = to_source.bounds(width - 1, height - 1);
  const PlainAxis columns(wanted.left, wanted.right, step);
  const PlainAxis rows(wanted.top, wanted.bottom, step);
  const double centre = (step - 1) / 2.0;
  const Similarity to_cells{to_source.a / step, to_source.b / step, (to_source.dx - columns.first - centre) / step,
                            (to_source.dy - rows.first - centre) / step};
  const double scale = to_cells.scale();
  const int count = std::max(1, static_cast<int>(std::lround(scale)));
  const double side = std::sqrt(std::max(scale * scale - 1, 0.0)) / scale;
  RgbImage result(width, height);
  for (int channel = 0; channel < 3; ++channel) {
    std::vector<float> cells;
    for (int row = 0; row < rows.count; ++row) {
      for (int column = 0; column < columns.count; ++column) {
        cells.push_back(plain_cell(source, columns, rows, column, row, channel));
      }
    }
    const auto bilinear = [&](float x, float y) {
      const int column = static_cast<int>(x);
      const float right = x - static_cast<float>(column);
      const float below = y - std::floor(y);
      const float* upper = cells.data() + static_cast<int>(y) * columns.count + column;
      const float* lower = upper + columns.count;
      const float above = upper[0] + right * (upper[1] - upper[0]);
      return above + below * (lower[0] + right * (lower[1] - lower[0]) - above);
    };
    for (int y = 0; y < height; ++y) {
      for (int x = 0; x < width; ++x) {
        const auto across = static_cast<float>(to_cells.a * x - to_cells.b * y + to_cells.dx);
        const auto down = static_cast<float>(to_cells.b * x + to_cells.a * y + to_cells.dy);
        float sum = 0;
        for (int i = 0; i < count; ++i) {
          for (int j = 0; j < count; ++j) {
            const double beside = ((i + 0.5) / count - 0.5) * side;
            const double under = ((j + 0.5) / count - 0.5) * side;
            sum += bilinear(across + static_cast<float>(to_cells.a * beside - to_cells.b * under),
                            down + static_cast<float>(to_cells.b * beside + to_cells.a * under));
          }
        }
        result.row(y)[3 * x + channel] =
            static_cast<std::uint8_t>(sum * (1 / static_cast<float>(count * count)) + 0.5F);
      }
    }
  }
  return result;
}

// Inside a picture, past each edge of it, and past all of them; the last row ends with the memory.
TEST(Warp, EveryVectorWidthAsPlainLoops) {
  const RgbImage picture = testing::random_picture(5, 150, 130);
  const RgbView whole = picture.view();
  const std::array<RgbView, 3> sources{whole, whole.crop({90, 70, 150, 130}), whole.crop({149, 0, 150, 130})};
  for (const RgbView& source : sources) {
    for (const double step : {0.3, 1.0, 1.49, 2.2, 3.99, 4.0, 7.3, 11.0}) {
      for (const double angle : {0.0, 0.3, 2.0, 4.4}) {
        const int side = 1 + static_cast<int>(30 / step + 10 * angle);
        Similarity to_source{.a = step * std::cos(angle), .b = step * std::sin(angle)};
        const Bounds part = to_source.bounds(side - 1, side);
        to_source.dx = (source.width - part.left - part.right) / 2 + 17.3 * angle;
        to_source.dy = (source.height - part.top - part.bottom) / 2 - 11.1 * angle;
        const RgbImage expected = plain_warp(source, to_source, side, side + 1);
        on_each_vector_width([&](const char* name) {
          EXPECT_EQ(warp(source, to_source, side, side + 1).pixels(), expected.pixels())
              << name << ": " << source.width << " pixels, a step of " << step << ", turned by " << angle;
        });
      }
    }
  }
}

TEST(Warp, ACutOutGivesWhatTheWholePictureGives) {
  const RgbImage picture = make_pattern(300, 280);
  for (const double step : {0.7, 1.9, 2.3, 3.1}) {
    const Similarity to_source{.a = step * 0.8, .b = step * 0.6, .dx = 140.3, .dy = 90.7};
    const Bounds part = to_source.bounds(19, 19);
    const int room = static_cast<int>(2 * step) + 2;
    const Rect cut{static_cast<int>(part.left) - room, static_cast<int>(part.top) - room,
                   static_cast<int>(part.right) + room, static_cast<int>(part.bottom) + room};
    Similarity to_cut = to_source;
    to_cut.dx -= cut.left;
    to_cut.dy -= cut.top;
    EXPECT_EQ(warp(picture.view(), to_source, 20, 20).pixels(), warp(picture.view().crop(cut), to_cut, 20, 20).pixels())
        << step;
  }
}

TEST(Warp, PartsBesideThePictureHaveItsNearestColours) {
  RgbImage picture(5, 5);
  std::fill_n(picture.row(0), 75, std::uint8_t{7});
  for (const double step : {0.5, 1.0, 6.5, 1e7}) {
    for (const double place : {-1e9, -40.0, 3.0, 40.0, 1e9}) {
      const RgbImage beside = warp(picture.view(), {.a = step, .b = step / 3, .dx = place, .dy = -place}, 6, 6);
      EXPECT_TRUE(std::ranges::all_of(beside.pixels(), [](std::uint8_t value) { return value == 7; })) << step << place;
    }
  }
  RgbImage dot(1, 1);
  EXPECT_EQ(warp(dot.view(), {.a = 0.3, .b = 2.5, .dx = -1, .dy = 2}, 3, 2).pixels(), std::vector<std::uint8_t>(18, 0));
}

}  // namespace
}  // namespace facepipe::image
