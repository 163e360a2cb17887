// Against OpenCV: embed/landmarks_test.cc.
#include "image/warp.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

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
