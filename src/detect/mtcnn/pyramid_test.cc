#include "detect/mtcnn/pyramid.h"

#include <gtest/gtest.h>

#include "detect/mtcnn/pnet.h"

namespace facepipe::detect {
namespace {

// N3: min(h, w) * 12 / 20 = 12, 8.5...: one level.
TEST(PyramidScales, OfASmallestPictureIsOne) {
  EXPECT_EQ(pyramid_scales(20, 300, 20, 0.709), (std::vector<double>{0.6}));
}

TEST(PyramidScales, FallByTheFactorWhileTwelvePixelsRemain) {
  const std::vector<double> scales = pyramid_scales(640, 480, 20, 0.709);
  ASSERT_EQ(scales.size(), 10U);  // 480 * 0.6 * 0.709^9 = 13.04, * 0.709 = 9.2
  EXPECT_DOUBLE_EQ(scales[0], 0.6);
  EXPECT_DOUBLE_EQ(scales[1], 0.6 * 0.709);
  EXPECT_NEAR(scales[9], 0.02716, 1e-5);
}

// N4: the reference fails here (torch.cat of an empty list).
TEST(PyramidScales, OfAPictureBelowTheMinimumFaceAreNone) {
  EXPECT_TRUE(pyramid_scales(19, 300, 20, 0.709).empty());
  EXPECT_TRUE(pyramid_scales(300, 19, 20, 0.709).empty());
  EXPECT_TRUE(pyramid_scales(1, 5000, 20, 0.709).empty());
}

// N3: int(side * scale + 1), not rounding.
TEST(MakePyramid, LevelsHaveOnePixelMoreThanTheScaledSides) {
  std::vector<PyramidLevel> levels;
  make_pyramid(640, 480, 20, 0.709, levels);
  ASSERT_EQ(levels.size(), 10U);
  EXPECT_EQ(levels[0].width, 385);
  EXPECT_EQ(levels[0].height, 289);
  EXPECT_EQ(levels[1].width, 273);
  EXPECT_EQ(levels[1].height, 205);
  EXPECT_EQ(levels[9].width, 18);
  EXPECT_EQ(levels[9].height, 14);
  EXPECT_EQ(levels[0].columns.size(), 385U);
}

// Whatever the picture, P-Net has at least one output on each level.
TEST(MakePyramid, EveryLevelIsLargeEnoughForPNet) {
  for (int side = 12; side < 400; ++side) {
    for (const int min_face : {12, 17, 20, 33}) {
      std::vector<PyramidLevel> levels;
      make_pyramid(side, side + 7, min_face, 0.709, levels);
      for (const PyramidLevel& level : levels) {
        EXPECT_GE(PNet::output_size(level.width), 1) << side << " " << min_face;
        EXPECT_GE(PNet::output_size(level.height), 1) << side << " " << min_face;
      }
    }
  }
}

// The row's pixels are found at their even and odd places, and are the mean of the source's.
TEST(MakeLevelRow, SplitsColumnsByParity) {
  constexpr int kWidth = 40;
  constexpr int kHeight = 40;
  std::vector<std::uint8_t> pixels;
  for (int y = 0; y < kHeight; ++y) {
    for (int x = 0; x < kWidth; ++x) {
      pixels.insert(pixels.end(), {static_cast<std::uint8_t>(4 * (x / 2)), static_cast<std::uint8_t>(4 * (y / 2)), 7});
    }
  }
  const image::RgbView picture = {pixels.data(), kWidth, kHeight, kWidth * 3};
  PyramidLevel level;
  level.scale = 0.5;
  level.width = 20;
  level.height = 20;
  level.columns.resize(20);
  fill_area_windows(kWidth, level.columns);
  constexpr std::ptrdiff_t kHalf = 32;
  PyramidScratch scratch;
  AlignedBuffer<float> row(6 * kHalf);
  make_level_row(kernels::reference_kernels(), picture, level, 3, kHalf, scratch, row.data());
  const auto normalised = [](int value) { return (static_cast<float>(value) - 127.5F) / 128; };
  EXPECT_FLOAT_EQ(row.data()[0], normalised(0));               // red of column 0
  EXPECT_FLOAT_EQ(row.data()[kHalf], normalised(4));           // red of column 1
  EXPECT_FLOAT_EQ(row.data()[9], normalised(72));              // red of column 18
  EXPECT_FLOAT_EQ(row.data()[kHalf + 9], normalised(76));      // red of column 19
  EXPECT_FLOAT_EQ(row.data()[2 * kHalf + 5], normalised(12));  // green of row 3
  EXPECT_FLOAT_EQ(row.data()[5 * kHalf], normalised(7));       // blue
}

}  // namespace
}  // namespace facepipe::detect
