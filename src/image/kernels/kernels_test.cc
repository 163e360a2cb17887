// Every vector width that this CPU runs, and the plain loops, against sums written out here: equal to the bit.
#include "image/kernels/kernels.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>

namespace facepipe::image::kernels {
namespace {

std::mt19937& random() {
  static std::mt19937 engine(17);
  return engine;
}

int random_int(int low, int high) {
  return std::uniform_int_distribution(low, high)(random());
}

float random_float(double low, double high) {
  return static_cast<float>(std::uniform_real_distribution(low, high)(random()));
}

std::vector<Kernels> all_kernels() {
  std::vector<Kernels> all = all_highway_kernels();
  all.push_back(reference_kernels());
  return all;
}

// Rows of `bytes` at a distance of `stride`, and not a byte behind the last one.
std::vector<std::uint8_t> random_rows(int rows, std::size_t bytes, std::size_t stride) {
  std::vector<std::uint8_t> samples(static_cast<std::size_t>(rows - 1) * stride + bytes);
  std::ranges::generate(samples, [] { return static_cast<std::uint8_t>(random_int(0, 255)); });
  return samples;
}

// `count` weights, the sum of which is at most `beyond` more than 1.
struct Weights {
  explicit Weights(int count, int beyond = 0) : values(static_cast<std::size_t>(count)) {
    std::int32_t left = (1 << kWeightBits) + beyond;
    for (int i = 0; i < count; ++i) {
      std::int32_t& value = values[static_cast<std::size_t>(i)];
      value = i + 1 < count ? left / (count - i) : left;
      left -= value;
    }
    constexpr std::uint32_t kLow = (1U << kLowBits) - 1;
    for (std::size_t i = 0; i < values.size(); i += 2) {
      const auto first = static_cast<std::uint32_t>(values[i]);
      const auto second = static_cast<std::uint32_t>(i + 1 < values.size() ? values[i + 1] : 0);
      pairs.push_back({(first & kLow) | (second & kLow) << 16U, first >> kLowBits | second >> kLowBits << 16U});
    }
  }
  std::vector<std::int32_t> values;
  std::vector<WeightPair> pairs;
};

void expect_blended(const Kernels& kernels, int height, std::size_t bytes, const std::vector<Weights>& weights) {
  SCOPED_TRACE(std::string(kernels.name) + ": " + std::to_string(height) + " rows of " + std::to_string(bytes));
  const std::size_t stride = bytes + static_cast<std::size_t>(random_int(0, 70));
  const auto in = random_rows(height, bytes, stride);
  std::vector<Window> windows;
  std::vector<std::uint8_t> expected;
  for (const Weights& row : weights) {
    const auto count = static_cast<int>(row.values.size());
    windows.push_back({random_int(0, height - count), count, row.values.data(), row.pairs.data()});
    for (std::size_t i = 0; i < bytes; ++i) {
      std::int64_t sum = 1 << (kWeightBits - 1);
      for (std::size_t k = 0; k < row.values.size(); ++k) {
        sum += std::int64_t{row.values[k]} * in[(static_cast<std::size_t>(windows.back().first) + k) * stride + i];
      }
      expected.push_back(static_cast<std::uint8_t>(std::min<std::int64_t>(sum >> kWeightBits, 255)));
    }
  }
  // Windows may count rows from an earlier one than the first that there is.
  const int before = random_int(0, 5);
  std::ranges::for_each(windows, [before](Window& window) { window.first += before; });
  std::vector<std::uint8_t> found(expected.size());
  kernels.blend_rows({.in = in.data(),
                      .in_stride = static_cast<std::ptrdiff_t>(stride),
                      .first_row = before,
                      .windows = windows.data(),
                      .rows = static_cast<int>(windows.size()),
                      .bytes = bytes,
                      .out = found.data(),
                      .out_stride = static_cast<std::ptrdiff_t>(bytes)});
  ASSERT_EQ(found, expected);
}

TEST(ImageKernels, BlendsRows) {
  for (const Kernels& kernels : all_kernels()) {
    for (const std::size_t bytes : {1U, 3U, 15U, 16U, 17U, 31U, 48U, 63U, 64U, 65U, 130U, 191U}) {
      std::vector<Weights> weights;
      for (const int count : {1, 2, 3, 4, 7, 12}) {
        weights.emplace_back(count);
      }
      expect_blended(kernels, random_int(12, 20), bytes, weights);
    }
  }
}

TEST(ImageKernels, ManyRowsMayComeToMoreThanWhite) {
  constexpr int kRows = 40'000;
  const std::vector<Weights> weights = {Weights(kRows, kRows / 2), Weights(16'384, 16'384 / 2)};
  for (const Kernels& kernels : all_kernels()) {
    const std::vector<std::uint8_t> white(std::size_t{kRows} * 16, 255);
    std::vector<std::uint8_t> found(2 * 16);
    const Window windows[] = {{0, kRows, weights[0].values.data(), weights[0].pairs.data()},
                              {7, 16'384, weights[1].values.data(), weights[1].pairs.data()}};
    kernels.blend_rows({.in = white.data(),
                        .in_stride = 16,
                        .windows = windows,
                        .rows = 2,
                        .bytes = 16,
                        .out = found.data(),
                        .out_stride = 16});
    EXPECT_EQ(found, std::vector<std::uint8_t>(2 * 16, 255)) << kernels.name;
  }
}

TEST(ImageKernels, Transposes) {
  for (const Kernels& kernels : all_kernels()) {
    for (const std::size_t rows : {1U, 2U, 15U, 16U, 17U, 33U, 64U, 70U}) {
      for (const std::size_t columns : {1U, 3U, 16U, 21U, 31U, 32U, 63U, 64U, 65U, 100U, 192U}) {
        SCOPED_TRACE(std::string(kernels.name) + ": " + std::to_string(rows) + "x" + std::to_string(columns));
        const std::size_t in_stride = columns + static_cast<std::size_t>(random_int(0, 9));
        const std::size_t out_stride = rows + static_cast<std::size_t>(random_int(0, 9));
        const auto in = random_rows(static_cast<int>(rows), columns, in_stride);
        std::vector<std::uint8_t> expected((columns - 1) * out_stride + rows, 99);
        std::vector<std::uint8_t> found = expected;
        for (std::size_t row = 0; row < rows; ++row) {
          for (std::size_t column = 0; column < columns; ++column) {
            expected[column * out_stride + row] = in[row * in_stride + column];
          }
        }
        kernels.transpose({.in = in.data(),
                           .in_stride = static_cast<std::ptrdiff_t>(in_stride),
                           .rows = static_cast<std::ptrdiff_t>(rows),
                           .columns = static_cast<std::ptrdiff_t>(columns),
                           .out = found.data(),
                           .out_stride = static_cast<std::ptrdiff_t>(out_stride)});
        ASSERT_EQ(found, expected);
      }
    }
  }
}

TEST(ImageKernels, SumsRows) {
  for (const Kernels& kernels : all_kernels()) {
    for (const std::size_t bytes : {1U, 3U, 31U, 32U, 63U, 64U, 65U, 127U, 128U, 300U}) {
      for (const auto& [begin, end] : {std::pair{0, 9}, std::pair{3, 4}, std::pair{0, 0}, std::pair{9, 9}}) {
        SCOPED_TRACE(std::string(kernels.name) + ": " + std::to_string(bytes));
        constexpr int kHeight = 9;
        const std::size_t stride = bytes + static_cast<std::size_t>(random_int(0, 5));
        const auto in = random_rows(kHeight, bytes, stride);
        const float before = random_float(0, 1e9);
        const float after = random_float(0, 1e9);
        std::vector<float> found(bytes, 99);
        kernels.sum_rows({.in = in.data(),
                          .in_stride = static_cast<std::ptrdiff_t>(stride),
                          .height = kHeight,
                          .bytes = bytes,
                          .begin = begin,
                          .end = end,
                          .before = before,
                          .after = after,
                          .sums = found.data()});
        for (std::size_t i = 0; i < bytes; ++i) {
          float sum = before * static_cast<float>(in[i]);
          for (int row = begin; row < end; ++row) {
            sum += static_cast<float>(in[static_cast<std::size_t>(row) * stride + i]);
          }
          sum += after * static_cast<float>(in[(kHeight - 1) * stride + i]);
          ASSERT_EQ(found[i], sum);
        }
      }
    }
  }
}

// Cells of three channels with `step` values from one to the next, `row_length` from a row to the next.
template <typename Value>
float expected_channel(const Sampling& sampling, const Value* cells, std::size_t pixel, int step, int row_length) {
  float sum = 0;
  for (int i = 0; i < sampling.samples; ++i) {
    const float x = sampling.across[pixel] + sampling.offsets[i].right;
    const float y = sampling.down[pixel] + sampling.offsets[i].below;
    const int column = static_cast<int>(x);
    const int row = static_cast<int>(y);
    const float right = x - static_cast<float>(column);
    const float below = y - static_cast<float>(row);
    const auto value = [&](int at_row, int at_column) {
      return static_cast<float>(
          cells[(at_row - sampling.first_row) * row_length + (at_column - sampling.first_column) * step]);
    };
    const float above = value(row, column) + right * (value(row, column + 1) - value(row, column));
    const float under = value(row + 1, column) + right * (value(row + 1, column + 1) - value(row + 1, column));
    sum += above + below * (under - above);
  }
  return sum * (1 / static_cast<float>(sampling.samples)) + 0.5F;
}

// Places in `columns` x `rows` cells, some of them at its ends.
Sampling random_sampling(int columns, int rows, const std::vector<Offset>& offsets, int pixels) {
  Sampling sampling{.first_column = random_int(0, 300),
                    .first_row = random_int(0, 300),
                    .offsets = offsets.data(),
                    .samples = static_cast<int>(offsets.size()),
                    .pixels = pixels};
  for (std::size_t i = 0; i < kRun; ++i) {
    sampling.across[i] = static_cast<float>(sampling.first_column) + random_float(0, columns - 2);
    sampling.down[i] = static_cast<float>(sampling.first_row) + random_float(0, rows - 2);
  }
  sampling.across[0] = static_cast<float>(sampling.first_column);
  sampling.down[0] = static_cast<float>(sampling.first_row);
  return sampling;
}

TEST(ImageKernels, Samples) {
  constexpr int kColumns = 23;
  constexpr int kRows = 9;
  for (const Kernels& kernels : all_kernels()) {
    for (const std::size_t samples : {1U, 4U, 9U, 16U}) {
      for (int pixels = 1; pixels <= kRun; ++pixels) {
        SCOPED_TRACE(std::string(kernels.name) + ": " + std::to_string(samples) + " samples of " +
                     std::to_string(pixels) + " pixels");
        std::vector<Offset> offsets(samples);
        for (Offset& offset : offsets) {
          offset = {random_float(0, 0.99), random_float(0, 0.99)};
        }
        Sampling sampling = random_sampling(kColumns, kRows, offsets, pixels);
        std::vector<std::uint8_t> found(static_cast<std::size_t>(pixels) * 3 + 1, 99);
        sampling.out = found.data();

        constexpr std::size_t kRowBytes = kColumns * 3 + 2;
        const auto bytes = random_rows(kRows, kRowBytes, kRowBytes);
        sampling.bytes = bytes.data();
        sampling.stride = kRowBytes;
        kernels.sample_bytes(sampling);
        for (std::size_t i = 0; i + 1 < found.size(); ++i) {
          ASSERT_EQ(found[i],
                    static_cast<std::uint8_t>(expected_channel(sampling, bytes.data() + i % 3, i / 3, 3, kRowBytes)));
        }

        std::vector<float> floats(std::size_t{kColumns} * kRows * 4);
        std::ranges::generate(floats, [] { return random_float(0, 255); });
        sampling.floats = floats.data();
        sampling.stride = kColumns;
        kernels.sample_floats(sampling);
        for (std::size_t i = 0; i + 1 < found.size(); ++i) {
          ASSERT_EQ(found[i], static_cast<std::uint8_t>(
                                  expected_channel(sampling, floats.data() + i % 3, i / 3, 4, 4 * kColumns)));
        }
        EXPECT_EQ(found.back(), 99) << "nothing is written past the pixels";
      }
    }
  }
}

}  // namespace
}  // namespace facepipe::image::kernels
