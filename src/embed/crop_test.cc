#include "embed/crop.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <vector>

namespace facepipe::embed {
namespace {

using image::Box;
using image::Rect;

constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

model::Preprocessing mode(int input_px, int margin_px, bool stretch = false) {
  model::Preprocessing preprocessing;
  preprocessing.mode = "test";
  preprocessing.input_px = input_px;
  preprocessing.margin_px = margin_px;
  preprocessing.min_max_stretch = stretch;
  return preprocessing;
}

// A picture of one row.
image::RgbImage row_of(const std::vector<std::uint8_t>& bytes) {
  image::RgbImage picture(static_cast<int>(bytes.size() / 3), 1);
  std::copy(bytes.begin(), bytes.end(), picture.row(0));
  return picture;
}

TEST(CropRect, TruncatesToWholePixels) {
  EXPECT_EQ(crop_rect({16.1F, 28.9F, 95.103F, 130.99F}, 115, 170, mode(160, 0)), (Rect{16, 28, 95, 130}));
}

TEST(CropRect, GrowsByTheMarginInPixelsOfTheInput) {
  // 32 of 160 pixels around a box of 128 -> 32 more pixels, 16 on each side.
  EXPECT_EQ(crop_rect({100, 100, 228, 228}, 640, 480, mode(160, 32)), (Rect{84, 84, 244, 244}));
  // Each side by its own length: 256 wide -> 32 on each side.
  EXPECT_EQ(crop_rect({100, 100, 356, 228}, 640, 480, mode(160, 32)), (Rect{68, 84, 388, 244}));
}

TEST(CropRect, IsClippedAtEveryEdge) {
  EXPECT_EQ(crop_rect({10, 20, 138, 148}, 150, 160, mode(160, 32)), (Rect{0, 4, 150, 160}));
  EXPECT_EQ(crop_rect({-5.5F, -0.5F, 50, 60}, 100, 100, mode(160, 0)), (Rect{0, 0, 50, 60}));
  EXPECT_EQ(crop_rect({50, 60, 100.75F, 1e9F}, 100, 100, mode(160, 0)), (Rect{50, 60, 100, 100}));
}

// Boxes where float32 arithmetic gives the next pixel: 38,205 and 327,472.
TEST(CropRect, ComputesInDoubleAsTheReferenceDoes) {
  const Rect first = crop_rect({54.8912239074707F, 10, 188.3212432861328F, 20}, 1000, 1000, mode(160, 32));
  EXPECT_EQ(first.left, 38);
  EXPECT_EQ(first.right, 204);
  const Rect second = crop_rect({393.0058288574219F, 10, 521.052490234375F, 20}, 1000, 1000, mode(160, 32));
  EXPECT_EQ(second.left, 376);
  EXPECT_EQ(second.right, 537);
}

TEST(CropRect, IsEmptyForBoxesThatLeaveNoPixel) {
  EXPECT_EQ(crop_rect({10, 10, 10.9F, 20}, 100, 100, mode(160, 0)), Rect{});   // no whole column
  EXPECT_EQ(crop_rect({20, 10, 10, 20}, 100, 100, mode(160, 0)), Rect{});      // inverted
  EXPECT_EQ(crop_rect({200, 10, 300, 20}, 100, 100, mode(160, 0)), Rect{});    // right of the picture
  EXPECT_EQ(crop_rect({-300, 10, -200, 20}, 100, 100, mode(160, 0)), Rect{});  // left of it
  EXPECT_EQ(crop_rect({10, -3e38F, 20, -2e38F}, 100, 100, mode(160, 32)), Rect{});
  EXPECT_EQ(crop_rect({10, 10, 20, 20}, 0, 0, mode(160, 0)), Rect{});  // no picture
}

TEST(CropRect, IsEmptyForBoxesThatAreNotFinite) {
  EXPECT_EQ(crop_rect({kNan, 10, 20, 20}, 100, 100, mode(160, 0)), Rect{});
  EXPECT_EQ(crop_rect({10, 10, 20, kNan}, 100, 100, mode(160, 0)), Rect{});
  EXPECT_EQ(crop_rect({10, 10, kInfinity, 20}, 100, 100, mode(160, 0)), Rect{});
  EXPECT_EQ(crop_rect({10, -kInfinity, 20, 20}, 100, 100, mode(160, 0)), Rect{});
}

TEST(CropRect, IsEmptyForAMarginThatIsNotBelowTheInput) {
  EXPECT_EQ(crop_rect({10, 10, 20, 20}, 100, 100, mode(160, 160)), Rect{});
  EXPECT_EQ(crop_rect({10, 10, 20, 20}, 100, 100, mode(160, 200)), Rect{});
}

TEST(MakeCrop, KeepsPixelsOfARectangleThatHasTheInputSize) {
  image::RgbImage picture(8, 6);
  for (int y = 0; y < 6; ++y) {
    for (int x = 0; x < 8 * 3; ++x) {
      picture.row(y)[x] = static_cast<std::uint8_t>(y * 40 + x);
    }
  }
  const image::RgbImage crop = make_crop(picture.view(), {2.5F, 1.2F, 6.9F, 5.9F}, mode(4, 0));
  ASSERT_EQ(crop.width(), 4);
  ASSERT_EQ(crop.height(), 4);
  for (int y = 0; y < 4; ++y) {
    for (int x = 0; x < 4 * 3; ++x) {
      EXPECT_EQ(crop.row(y)[x], (y + 1) * 40 + x + 6) << x << "," << y;
    }
  }
}

TEST(MakeCrop, StretchesOnlyWhereTheModeDoes) {
  const image::RgbImage picture = row_of({10, 10, 10, 20, 20, 20});
  image::RgbImage square(2, 2);
  for (int y = 0; y < 2; ++y) {
    std::copy(picture.pixels().begin(), picture.pixels().end(), square.row(y));
  }
  const image::RgbImage plain = make_crop(square.view(), {0, 0, 2, 2}, mode(2, 0, false));
  EXPECT_EQ(plain.pixels(), square.pixels());
  const image::RgbImage stretched = make_crop(square.view(), {0, 0, 2, 2}, mode(2, 0, true));
  EXPECT_EQ(stretched.pixels(), (std::vector<std::uint8_t>{0, 0, 0, 255, 255, 255, 0, 0, 0, 255, 255, 255}));
}

TEST(MakeCrop, IsEmptyForAnEmptyRectangle) {
  const image::RgbImage picture = row_of({1, 2, 3});
  const image::RgbImage crop = make_crop(picture.view(), {5, 0, 9, 1}, mode(4, 0));
  EXPECT_TRUE(crop.view().empty());
}

TEST(MinMaxStretch, TakesTheExtremesOfAllChannelsAndTruncates) {
  image::RgbImage crop = row_of({50, 100, 150, 149, 51, 75});
  min_max_stretch(crop);
  EXPECT_EQ(crop.pixels(), (std::vector<std::uint8_t>{0, 127, 255, 252, 2, 63}));
}

TEST(MinMaxStretch, LeavesAFullRangeAlone) {
  image::RgbImage crop = row_of({0, 1, 254, 255, 128, 7});
  min_max_stretch(crop);
  EXPECT_EQ(crop.pixels(), (std::vector<std::uint8_t>{0, 1, 254, 255, 128, 7}));
}

TEST(MinMaxStretch, AFlatCropBecomesZero) {
  image::RgbImage crop = row_of({90, 90, 90, 90, 90, 90});
  min_max_stretch(crop);
  EXPECT_EQ(crop.pixels(), (std::vector<std::uint8_t>{0, 0, 0, 0, 0, 0}));
}

TEST(MinMaxStretch, AnEmptyCropStaysEmpty) {
  image::RgbImage crop;
  min_max_stretch(crop);
  EXPECT_EQ(crop.pixels().size(), 0U);
}

// The Python pipeline: standardised to (x-127.5)/128, shifted to its minimum, divided by its maximum, times 255, cast.
TEST(MinMaxStretch, EqualsTheFloatStepsForEveryByteAndRange) {
  const auto standardised = [](int byte) { return (static_cast<float>(byte) - 127.5F) / 128.0F; };
  for (int low = 0; low < 256; ++low) {
    for (int high = low + 1; high < 256; ++high) {
      image::RgbImage crop(256, 1);  // three channels of one value each: the range low..high, padded with low
      for (int i = 0; i < 256 * 3; ++i) {
        crop.row(0)[i] = static_cast<std::uint8_t>(low + i <= high ? low + i : low);
      }
      min_max_stretch(crop);
      const float maximum = standardised(high) - standardised(low);
      for (int byte = low; byte <= high; ++byte) {
        const float expected = (standardised(byte) - standardised(low)) / maximum * 255.0F;
        ASSERT_EQ(crop.row(0)[byte - low], static_cast<int>(expected)) << low << ".." << high << " at " << byte;
      }
    }
  }
}

}  // namespace
}  // namespace facepipe::embed
