#include "detect/mtcnn/resample.h"

#include <gtest/gtest.h>

#include "image/test_pictures.h"

namespace facepipe::detect {
namespace {

using image::testing::random_picture;

using kernels::Window;

void expect_window(const Window& window, int begin, int end) {
  EXPECT_EQ(window.begin, begin);
  EXPECT_EQ(window.end, end);
}

// N1: 5 -> 3: windows of 2, 3 and 2 pixels that share their edges.
TEST(AreaWindow, NeighboursOverlapWhenTheSizesDoNotDivide) {
  expect_window(area_window(0, 5, 3), 0, 2);
  expect_window(area_window(1, 5, 3), 1, 4);
  expect_window(area_window(2, 5, 3), 3, 5);
}

TEST(AreaWindow, OfAnEnlargementRepeatsPixels) {
  expect_window(area_window(0, 2, 4), 0, 1);
  expect_window(area_window(1, 2, 4), 0, 1);
  expect_window(area_window(2, 2, 4), 1, 2);
  expect_window(area_window(0, 2, 3), 0, 1);
  expect_window(area_window(1, 2, 3), 0, 2);
  expect_window(area_window(2, 2, 3), 1, 2);
}

TEST(AreaWindow, DoesNotOverflowAtTheLargestSides) {
  expect_window(area_window(kMaxSide - 1, kMaxSide, kMaxSide), kMaxSide - 1, kMaxSide);
}

double mean_at(image::RgbView picture, int x, int y, int side, int channel) {
  const Window columns = area_window(x, picture.width, side);
  const Window rows = area_window(y, picture.height, side);
  double sum = 0;
  for (int row = rows.begin; row < rows.end; ++row) {
    for (int column = columns.begin; column < columns.end; ++column) {
      sum += picture.row(row)[column * 3 + channel];
    }
  }
  return sum / ((rows.end - rows.begin) * (columns.end - columns.begin));
}

// N2
TEST(ResampleCrop, IsTheNormalisedMeanOfEachWindow) {
  std::vector<kernels::Kernels> tables = kernels::all_highway_kernels();
  tables.push_back(kernels::reference_kernels());
  for (const kernels::Kernels& table : tables) {
    SCOPED_TRACE(table.name);
    for (const auto& [width, height, side] :
         {std::array{1, 1, 24}, {5, 3, 24}, {24, 24, 24}, {61, 80, 24}, {97, 50, 48}}) {
      const image::RgbImage picture = random_picture(7, width + 4, height + 3);
      const image::Rect rect = {3, 2, 3 + width, 2 + height};
      const image::RgbView cut = picture.view().crop(rect);
      CropScratch scratch;
      AlignedBuffer<float> crop(static_cast<std::size_t>(side) * static_cast<std::size_t>(side) * 3);
      resample_crop(table, picture.view(), rect, side, scratch, crop.data());
      for (int y = 0; y < side; ++y) {
        for (int x = 0; x < side; ++x) {
          for (int c = 0; c < 3; ++c) {
            const double expected = (mean_at(cut, x, y, side, c) - 127.5) / 128;
            EXPECT_NEAR(static_cast<double>(crop.data()[(y * side + x) * 3 + c]), expected, 1e-6) << x << "," << y;
          }
        }
      }
    }
  }
}

// 1365 rows of 1365 white pixels: more than 16 bits hold, as in the smallest level of a 16,384-pixel picture.
TEST(ResampleCrop, OfAVeryLargeWindowDoesNotOverflow) {
  constexpr int kSide = 24 * 1365;
  std::vector<std::uint8_t> white(static_cast<std::size_t>(kSide) * 3, 255);
  const image::RgbView picture = {white.data(), kSide, kSide, 0};  // one row, repeated
  std::vector<kernels::Kernels> tables = kernels::all_highway_kernels();
  tables.push_back(kernels::reference_kernels());
  for (const kernels::Kernels& table : tables) {
    std::vector<Window> columns(24);
    fill_area_windows(kSide, columns);
    ResampleScratch scratch;
    AlignedBuffer<float> row(24 * 3);
    resample_row(table, picture, 11, 24, columns, 3, scratch, row.data());
    for (std::size_t i = 0; i < 72; ++i) {
      EXPECT_FLOAT_EQ(row.data()[i], 127.5F / 128) << table.name;
    }
  }
}

}  // namespace
}  // namespace facepipe::detect
