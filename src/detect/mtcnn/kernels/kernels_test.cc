// Every vector width that this CPU runs against the plain loops, over odd shapes. Seeds are in the trace of a failure.
#include "detect/mtcnn/kernels/kernels.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <random>

#include "detect/mtcnn/kernels/winograd.h"

namespace facepipe::detect::kernels {
namespace {

class KernelsTest : public ::testing::Test {
 protected:
  void fill(AlignedBuffer<float>& buffer, float low = -1, float high = 1) {
    std::uniform_real_distribution<float> value(low, high);
    for (std::size_t i = 0; i < buffer.size(); ++i) {
      buffer.data()[i] = value(random_);
    }
  }

  AlignedBuffer<float> random_values(int count) {
    AlignedBuffer<float> buffer(static_cast<std::size_t>(count));
    fill(buffer);
    return buffer;
  }

  RowConv random_row_conv(int in_channels, int out_channels) {
    RowConv layer;
    layer.in_channels = in_channels;
    layer.out_channels = out_channels;
    layer.weights = random_values(in_channels * 9 * out_channels);
    layer.bias = random_values(out_channels);
    layer.slope = random_values(out_channels);
    return layer;
  }

  PixelConv random_pixel_conv(int in_channels, int kernel, int out_channels) {
    PixelConv layer;
    layer.in_channels = in_channels;
    layer.kernel_columns = kernel;
    layer.kernel_rows = kernel;
    layer.out_channels = out_channels;
    layer.padded_out_channels = (out_channels + kChannelBlock - 1) / kChannelBlock * kChannelBlock;
    layer.weights = random_values(layer.taps() * layer.padded_out_channels);
    layer.bias = random_values(layer.padded_out_channels);
    layer.slope = random_values(layer.padded_out_channels);
    return layer;
  }

  // |a - b| of `columns` columns in each of `channels` planar rows.
  static void expect_rows_near(const AlignedBuffer<float>& actual, const AlignedBuffer<float>& expected, int channels,
                               std::ptrdiff_t stride, int columns, float tolerance) {
    for (int c = 0; c < channels; ++c) {
      for (int x = 0; x < columns; ++x) {
        ASSERT_NEAR(actual.data()[c * stride + x], expected.data()[c * stride + x], tolerance)
            << "channel " << c << " column " << x;
      }
    }
  }

  // Calls test(table) for each vector width, with the same random numbers.
  template <typename Test>
  void for_each_width(Test test) {
    const std::vector<Kernels> tables = all_highway_kernels();
    ASSERT_FALSE(tables.empty());
    for (const Kernels& table : tables) {
      for (unsigned seed = 1; seed <= 2; ++seed) {
        SCOPED_TRACE(table.name + " seed " + std::to_string(seed));
        random_.seed(seed);
        test(table);
      }
    }
  }

  std::mt19937 random_;
  const Kernels reference_ = reference_kernels();
};

TEST_F(KernelsTest, SumRowsIsExact) {
  for_each_width([&](const Kernels& table) {
    for (const int count : {1, 3, 15, 16, 31, 33, 64, 100, 192, 331}) {
      for (const int rows : {1, 2, 3, 17, 256, 257, 258, 600}) {
        const std::ptrdiff_t stride = count + 5;
        std::vector<std::uint8_t> pixels(static_cast<std::size_t>(stride * rows), 255);
        if (rows < 100) {
          std::generate(pixels.begin(), pixels.end(), [&] { return static_cast<std::uint8_t>(random_() & 255U); });
        }
        AlignedBuffer<std::uint32_t> actual(static_cast<std::size_t>(count));
        AlignedBuffer<std::uint32_t> expected(static_cast<std::size_t>(count));
        table.sum_rows(pixels.data(), stride, rows, count, actual.data());
        reference_.sum_rows(pixels.data(), stride, rows, count, expected.data());
        ASSERT_TRUE(std::equal(actual.data(), actual.data() + count, expected.data())) << count << " x " << rows;
      }
    }
  });
}

TEST_F(KernelsTest, AverageColumns) {
  for_each_width([&](const Kernels& table) {
    for (const int in_columns : {1, 2, 5, 24, 25, 100}) {
      for (const int columns : {1, 3, 8, 13, 24, 48}) {
        AlignedBuffer<std::uint32_t> sums(static_cast<std::size_t>(in_columns) * 3);
        for (std::size_t i = 0; i < sums.size(); ++i) {
          sums.data()[i] = static_cast<std::uint32_t>(random_() % (4 * 255 + 1));
        }
        std::vector<Window> windows;
        for (int x = 0; x < columns; ++x) {
          windows.push_back({x * in_columns / columns, ((x + 1) * in_columns + columns - 1) / columns});
        }
        for (const int pixel_stride : {3, 4}) {
          AlignedBuffer<float> actual(static_cast<std::size_t>(columns * pixel_stride));
          AlignedBuffer<float> expected(static_cast<std::size_t>(columns * pixel_stride));
          table.average_columns(sums.data(), in_columns, windows.data(), columns, 4, pixel_stride, actual.data());
          reference_.average_columns(sums.data(), in_columns, windows.data(), columns, 4, pixel_stride,
                                     expected.data());
          for (int i = 0; i < columns * pixel_stride; ++i) {
            if (i % pixel_stride < 3) {
              ASSERT_NEAR(actual.data()[i], expected.data()[i], 2e-7F) << in_columns << " -> " << columns;
            }
          }
        }
      }
    }
  });
}

TEST_F(KernelsTest, AverageColumnsOfTheLargestSums) {
  for_each_width([&](const Kernels& table) {
    constexpr int kRows = 8'000'000;  // 255 * kRows is just below 2^31
    AlignedBuffer<std::uint32_t> sums(3);
    std::fill_n(sums.data(), 3, 255U * kRows);
    const Window window = {0, 1};
    AlignedBuffer<float> out(4);
    table.average_columns(sums.data(), 1, &window, 1, kRows, 4, out.data());
    EXPECT_FLOAT_EQ(out.data()[0], 127.5F / 128);
    reference_.average_columns(sums.data(), 1, &window, 1, kRows, 4, out.data());
    EXPECT_FLOAT_EQ(out.data()[0], 127.5F / 128);
  });
}

TEST_F(KernelsTest, SplitColumnsIsExact) {
  for_each_width([&](const Kernels& table) {
    for (int columns = 1; columns < 70; ++columns) {
      const int half_stride = padded_columns((columns + 1) / 2);
      const AlignedBuffer<float> pixels = random_values(columns * 4);
      AlignedBuffer<float> actual(static_cast<std::size_t>(half_stride) * 6);
      AlignedBuffer<float> expected(static_cast<std::size_t>(half_stride) * 6);
      table.split_columns(pixels.data(), columns, actual.data(), half_stride);
      reference_.split_columns(pixels.data(), columns, expected.data(), half_stride);
      for (int c = 0; c < 6; ++c) {
        expect_rows_near(actual, expected, 6, half_stride, c % 2 == 0 ? (columns + 1) / 2 : columns / 2, 0);
      }
    }
  });
}

TEST_F(KernelsTest, ConvPoolRow) {
  for_each_width([&](const Kernels& table) {
    for (const auto& [in_channels, out_channels] : {std::array{3, 10}, {1, 1}, {2, 7}}) {
      const RowConv layer = random_row_conv(in_channels, out_channels);
      for (const int conv_columns : {1, 2, 3, 10, 15, 16, 17, 31, 33, 64, 95, 130}) {
        for (const int conv_rows : {1, 2}) {
          const int pooled = (conv_columns + 1) / 2;
          const std::ptrdiff_t half_stride = padded_columns(pooled + 1);
          const std::ptrdiff_t out_stride = padded_columns(pooled);
          const std::ptrdiff_t row_size = 2 * in_channels * half_stride;
          const AlignedBuffer<float> input = random_values(static_cast<int>(4 * row_size));
          const std::array<const float*, 4> rows = {input.data(), input.data() + row_size, input.data() + 2 * row_size,
                                                    input.data() + 3 * row_size};
          AlignedBuffer<float> actual(static_cast<std::size_t>(out_channels * out_stride));
          AlignedBuffer<float> expected(static_cast<std::size_t>(out_channels * out_stride));
          table.conv_pool_row(layer, rows.data(), half_stride, conv_rows, conv_columns, actual.data(), out_stride);
          reference_.conv_pool_row(layer, rows.data(), half_stride, conv_rows, conv_columns, expected.data(),
                                   out_stride);
          expect_rows_near(actual, expected, out_channels, out_stride, pooled, 1e-5F);
        }
      }
    }
  });
}

// Tiles round otherwise than direct sums: up to 1e-6 of the sum of 144 products of about 1.
TEST_F(KernelsTest, ConvRows) {
  for_each_width([&](const Kernels& table) {
    for (const auto& [in_channels, out_channels] : {std::array{10, 16}, {16, 32}, {1, 1}, {3, 9}, {2, 23}}) {
      RowConv layer = random_row_conv(in_channels, out_channels);
      add_tile_weights(layer);
      for (const int rows : {4, 8, 20}) {
        for (const int pitch : {4, 8, 12, 20, 36, 64, 68, 132}) {
          const std::ptrdiff_t in_stride = (rows + 2) * pitch + kStripSlack;
          const std::ptrdiff_t out_stride = rows * pitch + kStripSlack;
          const AlignedBuffer<float> input = random_values(static_cast<int>(in_channels * in_stride));
          AlignedBuffer<float> scratch(conv_rows_scratch(layer, rows, pitch));
          AlignedBuffer<float> actual(static_cast<std::size_t>(out_channels * out_stride));
          AlignedBuffer<float> expected(static_cast<std::size_t>(out_channels * out_stride));
          table.conv_rows(layer, input.data(), in_stride, rows, pitch, scratch.data(), actual.data(), out_stride);
          reference_.conv_rows(layer, input.data(), in_stride, rows, pitch, nullptr, expected.data(), out_stride);
          for (int y = 0; y < rows; ++y) {
            for (int c = 0; c < out_channels; ++c) {
              for (int x = 0; x < pitch - 2; ++x) {
                const std::ptrdiff_t at = c * out_stride + y * pitch + x;
                ASSERT_NEAR(actual.data()[at], expected.data()[at], 1e-4F)
                    << "channel " << c << " row " << y << " column " << x;
              }
            }
          }
        }
      }
    }
  });
}

TEST_F(KernelsTest, FindColumns) {
  for_each_width([&](const Kernels& table) {
    for (const int channels : {1, 2, 5, 32}) {
      for (const int columns : {1, 7, 8, 9, 31, 64, 77}) {
        const std::ptrdiff_t stride = padded_columns(columns);
        const AlignedBuffer<float> rows = random_values(static_cast<int>(channels * stride));
        const AlignedBuffer<float> weights = random_values(channels);
        std::vector<std::int32_t> actual(static_cast<std::size_t>(columns));
        std::vector<std::int32_t> expected(static_cast<std::size_t>(columns));
        for (const float cut : {-100.0F, 0.1F, 1.0F, 100.0F}) {
          const int count =
              table.find_columns(rows.data(), stride, channels, columns, weights.data(), 0.25F, cut, actual.data());
          const int expected_count = reference_.find_columns(rows.data(), stride, channels, columns, weights.data(),
                                                             0.25F, cut, expected.data());
          ASSERT_EQ(count, expected_count);
          ASSERT_TRUE(std::equal(actual.begin(), actual.begin() + count, expected.begin()));
        }
        EXPECT_EQ(table.find_columns(rows.data(), stride, channels, columns, weights.data(), 0, -100, actual.data()),
                  columns);
        EXPECT_EQ(actual.back(), columns - 1);
      }
    }
  });
}

TEST_F(KernelsTest, ConvPixels) {
  struct Shape {
    int in_channels, kernel, out_channels, batch, side;
  };
  for_each_width([&](const Kernels& table) {
    for (const Shape& shape : {Shape{3, 3, 28, 2, 9},
                               {28, 3, 48, 1, 5},
                               {48, 2, 64, 3, 4},
                               {576, 1, 128, 5, 1},
                               {1, 1, 1, 1, 1},
                               {2, 3, 17, 7, 4},
                               {5, 2, 33, 1, 3},
                               {256, 1, 16, 6, 1}}) {
      const PixelConv layer = random_pixel_conv(shape.in_channels, shape.kernel, shape.out_channels);
      const int out_side = shape.side - shape.kernel + 1;
      const std::ptrdiff_t row_stride = std::ptrdiff_t{shape.side} * shape.in_channels;
      const PixelGrid grid = {shape.batch, out_side, out_side, shape.side * row_stride, row_stride};
      const AlignedBuffer<float> input = random_values(static_cast<int>(shape.batch * grid.batch_stride));
      const int outputs = shape.batch * out_side * out_side * layer.padded_out_channels;
      AlignedBuffer<float> actual(static_cast<std::size_t>(outputs));
      AlignedBuffer<float> expected(static_cast<std::size_t>(outputs));
      table.conv_pixels(layer, input.data(), grid, actual.data());
      reference_.conv_pixels(layer, input.data(), grid, expected.data());
      for (int i = 0; i < outputs; ++i) {
        ASSERT_NEAR(actual.data()[i], expected.data()[i], 1e-4F) << shape.in_channels << "->" << shape.out_channels;
      }
    }
  });
}

TEST_F(KernelsTest, Conv3x3) {
  struct Shape {
    int in_channels, out_channels, batch, rows, columns;
  };
  for_each_width([&](const Kernels& table) {
    for (const Shape& shape : {Shape{28, 48, 3, 11, 11},
                               {3, 28, 2, 10, 24},
                               {32, 64, 1, 23, 23},
                               {64, 64, 2, 10, 10},
                               {1, 1, 1, 3, 3},
                               {17, 33, 5, 4, 7},
                               {16, 16, 1, 3, 30}}) {
      for (const int side : {3, 4}) {
        PixelConv layer = random_pixel_conv(shape.in_channels, 3, shape.out_channels);
        add_tile_weights(layer, side);
        const std::ptrdiff_t row_stride = std::ptrdiff_t{shape.columns} * shape.in_channels;
        const PixelGrid grid = {shape.batch, shape.rows - 2, shape.columns - 2, shape.rows * row_stride, row_stride};
        const AlignedBuffer<float> input = random_values(static_cast<int>(shape.batch * grid.batch_stride));
        AlignedBuffer<float> scratch(conv_3x3_scratch(layer));
        const int outputs = shape.batch * grid.rows * grid.columns * layer.padded_out_channels;
        AlignedBuffer<float> actual(static_cast<std::size_t>(outputs));
        AlignedBuffer<float> expected(static_cast<std::size_t>(outputs));
        table.conv_3x3(layer, input.data(), grid, scratch.data(), actual.data());
        reference_.conv_3x3(layer, input.data(), grid, nullptr, expected.data());
        for (int i = 0; i < outputs; ++i) {
          ASSERT_NEAR(actual.data()[i], expected.data()[i], 5e-4F) << shape.in_channels << "->" << shape.out_channels;
        }
      }
    }
  });
}

TEST_F(KernelsTest, ConvPixelsWritesNothingPastItsOutput) {
  for_each_width([&](const Kernels& table) {
    const PixelConv layer = random_pixel_conv(4, 1, 40);
    const AlignedBuffer<float> input = random_values(4 * 7);
    AlignedBuffer<float> out(7 * 48 + 64);
    std::fill_n(out.data(), out.size(), 99.0F);
    table.conv_pixels(layer, input.data(), {1, 1, 7, 0, 0}, out.data());
    for (std::size_t i = 7 * 48; i < out.size(); ++i) {
      ASSERT_EQ(out.data()[i], 99.0F);
    }
  });
}

TEST_F(KernelsTest, MaxPoolIsExact) {
  for_each_width([&](const Kernels& table) {
    for (const auto& [side, size, channels, stride] :
         {std::array{22, 3, 28, 32}, {9, 3, 48, 48}, {8, 2, 64, 64}, {46, 3, 32, 32}, {3, 2, 5, 16}, {3, 3, 1, 16}}) {
      const int out_side = (side - size + 1) / 2 + 1;
      const std::ptrdiff_t row_stride = std::ptrdiff_t{side} * stride;
      const PixelGrid grid = {3, out_side, out_side, side * row_stride, row_stride};
      const AlignedBuffer<float> input = random_values(static_cast<int>(3 * grid.batch_stride));
      const int outputs = 3 * out_side * out_side * channels;
      AlignedBuffer<float> actual(static_cast<std::size_t>(outputs));
      AlignedBuffer<float> expected(static_cast<std::size_t>(outputs));
      table.max_pool(input.data(), side, side, stride, size, grid, channels, actual.data());
      reference_.max_pool(input.data(), side, side, stride, size, grid, channels, expected.data());
      ASSERT_TRUE(std::equal(actual.data(), actual.data() + outputs, expected.data())) << side << " " << size;
    }
  });
}

// The oracle itself, by hand: 1 to 9 under a kernel that takes the middle and the last value.
TEST_F(KernelsTest, ReferenceConvRowsByHand) {
  RowConv layer = random_row_conv(1, 1);
  std::fill_n(layer.weights.data(), 9, 0.0F);
  layer.weights.data()[4] = 1;
  layer.weights.data()[8] = -2;
  layer.bias.data()[0] = 0.5F;
  layer.slope.data()[0] = 0.25F;
  AlignedBuffer<float> input(3 * 4 + kStripSlack);
  const std::array<float, 12> values = {1, 2, 3, 0, 4, 5, 6, 0, 7, 8, 9, 0};
  std::copy(values.begin(), values.end(), input.data());
  AlignedBuffer<float> out(4 + kStripSlack);
  reference_.conv_rows(layer, input.data(), 12 + kStripSlack, 1, 4, nullptr, out.data(), 4 + kStripSlack);
  EXPECT_EQ(out.data()[0], 0.25F * (5 - 18 + 0.5F));
  EXPECT_EQ(out.data()[1], 6 + 0.5F);
}

}  // namespace
}  // namespace facepipe::detect::kernels
