#include "image/resize.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <random>
#include <span>
#include <string>
#include <vector>

#include "base/each_vector_width.h"
#include "base/hash.h"
#include "image/test_pictures.h"

namespace facepipe::image {
namespace {

using testing::make_pattern;

struct Case {
  int from_width;
  int from_height;
  int width;
  int height;
};

struct LiteralCase {
  Case size;
  std::vector<std::uint8_t> expected;
};

// Expectations: Pillow 13.0.0, Image.resize((width, height), Image.BILINEAR) of make_pattern().
TEST(ResizeBilinear, SmallPicturesAsPillow) {
  const std::vector<LiteralCase> cases = {
      {{2, 1, 7, 1}, {0, 0, 17, 0, 0, 17, 8, 1, 17, 19, 3, 17, 29, 4, 17, 37, 5, 17, 37, 5, 17}},
      {{1, 2, 1, 5}, {0, 0, 17, 10, 5, 17, 51, 27, 17, 91, 48, 17, 101, 53, 17}},
      {{1, 1, 2, 2}, {0, 0, 17, 0, 0, 17, 0, 0, 17, 0, 0, 17}},
      {{3, 2, 2, 3}, {14, 2, 17, 60, 14, 17, 65, 29, 19, 111, 41, 26, 115, 55, 21, 161, 67, 35}},
      {{5, 4, 3, 2}, {88, 40, 20, 118, 60, 33, 168, 103, 45, 137, 123, 28, 110, 143, 67, 143, 186, 107}},
      {{7, 2, 3, 2}, {32, 6, 17, 111, 50, 17, 190, 135, 17, 133, 59, 26, 197, 103, 50, 90, 188, 74}},
      {{2, 7, 2, 3}, {87, 45, 17, 124, 50, 26, 122, 144, 17, 144, 149, 50, 172, 71, 17, 99, 76, 74}},
      {{9, 4, 2, 2}, {121, 73, 34, 124, 139, 63, 128, 146, 72, 131, 136, 146}},
      // The height loses more than twice what the width loses: rows first.
      {{4, 9, 3, 2}, {122, 95, 24, 123, 107, 53, 114, 109, 82, 137, 107, 36, 121, 119, 113, 113, 121, 162}},
      {{3, 8, 5, 2}, {109, 91, 17, 120, 93, 25, 137, 96,  38, 121, 105, 51,  110, 111, 59,
                      159, 97, 17, 148, 99, 39, 132, 102, 73, 121, 111, 107, 114, 117, 129}},
  };
  for (const auto& [size, expected] : cases) {
    const RgbImage source = make_pattern(size.from_width, size.from_height);
    const RgbImage result = resize_bilinear(source.view(), size.width, size.height);
    EXPECT_EQ(result.width(), size.width);
    EXPECT_EQ(result.height(), size.height);
    EXPECT_EQ(result.pixels(), expected) << size.from_width << "x" << size.from_height << " to " << size.width << "x"
                                         << size.height;
  }
}

TEST(ResizeBilinear, BiggerPicturesAsPillow) {
  const std::vector<std::pair<Case, std::string>> cases = {
      {{333, 217, 160, 160}, "0da4f5f20c77218a7f5861abd0123193830e1b787dc9799f26d147f788c73b5a"},
      {{64, 48, 240, 240}, "0178938cec57d4a208d14489604e292985f89057f850fd2686479127ec0052fd"},
      {{97, 301, 24, 24}, "7a41b9fd0d06d4217ad798a70aacc345f955cfc36518a7c1adceb5f372e9f05e"},
      {{24, 24, 97, 5}, "d7e0686368da8191560f76f58fdfe3b670925f3a46a7a2f0ad3a41e5bc881877"},
  };
  for (const auto& [size, expected] : cases) {
    const RgbImage source = make_pattern(size.from_width, size.from_height);
    const RgbImage result = resize_bilinear(source.view(), size.width, size.height);
    EXPECT_EQ(sha256_hex(std::as_bytes(std::span(result.pixels()))), expected)
        << size.from_width << "x" << size.from_height;
  }
}

// The weights of sample `i` of `out_size`, from sample `first` of `in_size` on, in 22 bits.
struct PlainWeights {
  PlainWeights(int in_size, int out_size, int i) {
    const double scale = static_cast<double>(in_size) / out_size;
    const double support = std::max(scale, 1.0);
    const double center = (i + 0.5) * scale;
    first = std::max(static_cast<int>(center - support + 0.5), 0);
    const int end = std::min(static_cast<int>(center + support + 0.5), in_size);
    std::vector<double> exact;
    double sum = 0;
    for (int at = first; at < end; ++at) {
      exact.push_back(std::max(0.0, 1.0 - std::abs((at - center + 0.5) * (1.0 / support))));
      sum += exact.back();
    }
    for (const double weight : exact) {
      fixed.push_back(static_cast<int>(0.5 + weight / sum * (1 << 22)));
    }
  }
  int first = 0;
  std::vector<int> fixed;
};

RgbImage turned(RgbView source) {
  RgbImage result(source.height, source.width);
  for (int y = 0; y < source.height; ++y) {
    for (int x = 0; x < source.width; ++x) {
      std::copy_n(source.row(y) + std::ptrdiff_t{3} * x, 3, result.row(x) + std::ptrdiff_t{3} * y);
    }
  }
  return result;
}

RgbImage plain_height(RgbView source, int height) {
  RgbImage result(source.width, height);
  for (int y = 0; y < height; ++y) {
    const PlainWeights weights(source.height, height, y);
    for (int i = 0; i < source.width * 3; ++i) {
      int sum = 1 << 21;
      for (std::size_t k = 0; k < weights.fixed.size(); ++k) {
        sum += source.row(weights.first + static_cast<int>(k))[i] * weights.fixed[k];
      }
      result.row(y)[i] = static_cast<std::uint8_t>(std::min(sum >> 22, 255));
    }
  }
  return result;
}

RgbImage plain_width(RgbView source, int width) {
  const RgbImage columns = turned(source);
  const RgbImage resized = plain_height(columns.view(), width);
  return turned(resized.view());
}

RgbImage plain_resize(RgbView source, int width, int height) {
  if (width == source.width || height == source.height) {
    return width == source.width ? plain_height(source, height) : plain_width(source, width);
  }
  if (height < source.height && source.height - height > 2 * (source.width - width)) {
    const RgbImage rows = plain_height(source, height);
    return plain_width(rows.view(), width);
  }
  const RgbImage columns = plain_width(source, width);
  return plain_height(columns.view(), height);
}

// For every vector width. Behind the last row of the source there is no memory.
void expect_as_plain(const Case& size, int room) {
  std::mt19937 random(static_cast<unsigned>(size.from_width * 31 + size.from_height));
  const int stride = 3 * size.from_width + room;
  std::vector<std::uint8_t> samples(static_cast<std::size_t>((size.from_height - 1) * stride + 3 * size.from_width));
  std::ranges::generate(samples, [&] { return static_cast<std::uint8_t>(random()); });
  const RgbView source{samples.data(), size.from_width, size.from_height, stride};
  const RgbImage expected = plain_resize(source, size.width, size.height);
  on_each_vector_width([&](const char* name) {
    EXPECT_EQ(resize_bilinear(source, size.width, size.height).pixels(), expected.pixels())
        << name << ": " << size.from_width << "x" << size.from_height << " to " << size.width << "x" << size.height;
  });
}

TEST(ResizeBilinear, EveryVectorWidthAsPlainLoops) {
  std::mt19937 random(3);
  std::vector<Case> sizes = {{1, 1, 90, 70},     {1, 200, 1, 3},     {200, 1, 3, 1},   {1, 90, 40, 70},
                             {90, 1, 70, 40},    {700, 20, 1, 3},    {20, 700, 3, 1},  {5, 5, 300, 200},
                             {90, 70, 1, 1},     {64, 64, 63, 64},   {33, 130, 33, 9}, {130, 33, 9, 33},
                             {100, 300, 90, 70}, {400, 300, 50, 250}};
  for (int i = 0; i < 40; ++i) {
    const auto side = [&](int most) { return std::uniform_int_distribution(1, most)(random); };
    sizes.push_back({side(120), side(120), side(120), side(120)});
  }
  for (const Case& size : sizes) {
    expect_as_plain(size, 0);
    expect_as_plain(size, 7);
  }
}

// Its strips are of fewer rows.
TEST(ResizeBilinear, AVeryWidePictureAsPlainLoops) {
  expect_as_plain({5000, 37, 40, 30}, 3);
  expect_as_plain({40, 37, 5000, 30}, 3);
}

TEST(ResizeBilinear, SameSizeIsACopy) {
  const RgbImage source = make_pattern(6, 5);
  EXPECT_EQ(resize_bilinear(source.view(), 6, 5).pixels(), source.pixels());
}

TEST(ResizeBilinear, ReadsACropThroughItsStride) {
  const RgbImage source = make_pattern(20, 20);
  const RgbView crop = source.view().crop({3, 4, 12, 17});
  const RgbImage packed = RgbImage::clone(crop);
  for (const auto& [width, height] : {std::pair{5, 13}, std::pair{9, 4}, std::pair{4, 5}, std::pair{30, 2}}) {
    EXPECT_EQ(resize_bilinear(crop, width, height).pixels(), resize_bilinear(packed.view(), width, height).pixels());
  }
}

TEST(ResizeBilinear, WhiteAndBlackStayWhiteAndBlack) {
  for (const std::uint8_t level : {std::uint8_t{0}, std::uint8_t{255}}) {
    RgbImage source(37, 91);
    for (int y = 0; y < source.height(); ++y) {
      std::fill_n(source.row(y), source.stride_bytes(), level);
    }
    for (const auto& [width, height] : {std::pair{1, 1}, std::pair{100, 7}, std::pair{36, 92}}) {
      EXPECT_THAT(resize_bilinear(source.view(), width, height).pixels(), ::testing::Each(level));
    }
  }
}

}  // namespace
}  // namespace facepipe::image
