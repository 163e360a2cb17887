#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <span>
#include <string>
#include <vector>

#include "image/decode.h"
#include "image/encode.h"
#include "image/test_pictures.h"

namespace facepipe::image {
namespace {

using ::testing::ElementsAre;
using namespace testing;
using namespace std::string_literals;

std::vector<std::uint8_t> pixels_of(ByteView png) {
  auto picture = decode_image(png);
  EXPECT_TRUE(picture) << (picture ? "" : picture.error().message);
  return picture ? picture->pixels() : std::vector<std::uint8_t>{};
}

// The grey levels of a picture in which red, green and blue are equal.
std::vector<int> greys_of(ByteView png) {
  const auto pixels = pixels_of(png);
  std::vector<int> greys;
  for (std::size_t i = 0; i + 2 < pixels.size(); i += 3) {
    EXPECT_TRUE(pixels[i] == pixels[i + 1] && pixels[i] == pixels[i + 2]) << i / 3;
    greys.push_back(pixels[i]);
  }
  return greys;
}

ErrorCode code_of(ByteView png) {
  const auto picture = decode_image(png);
  EXPECT_FALSE(picture);
  return picture ? ErrorCode::kInternal : picture.error().code;
}

TEST(Png, EncodedPicturesComeBack) {
  for (const auto& [width, height] : {std::pair{1, 1}, std::pair{7, 3}, std::pair{64, 65}}) {
    const RgbImage picture = make_pattern(width, height);
    const auto png = encode_png(picture.view());
    ASSERT_TRUE(png);
    EXPECT_EQ(pixels_of(*png), picture.pixels());
    const auto fast = encode_png(picture.view(), PngEffort::kFast);
    ASSERT_TRUE(fast);
    EXPECT_EQ(pixels_of(*fast), picture.pixels());
  }
}

TEST(Png, EncodesACropThroughItsStride) {
  const RgbImage picture = make_pattern(9, 8);
  const RgbView crop = picture.view().crop({2, 1, 7, 6});
  EXPECT_EQ(pixels_of(encode_png(crop).value()), RgbImage::clone(crop).pixels());
}

TEST(Png, EncodingNothingIsAnError) {
  const auto png = encode_png({});
  ASSERT_FALSE(png);
  EXPECT_EQ(png.error().code, ErrorCode::kInvalidArgument);
}

// Expectations of the sample types: Pillow 13.0.0, convert('RGB').
TEST(Png, GreyOfOneToSixteenBits) {
  EXPECT_THAT(greys_of(make_png({9, 1, 1, 0}, "\0\xA5\x80"s)), ElementsAre(255, 0, 255, 0, 0, 255, 0, 255, 255));
  EXPECT_THAT(greys_of(make_png({5, 1, 2, 0}, "\0\x1B\xC0"s)), ElementsAre(0, 85, 170, 255, 255));
  EXPECT_THAT(greys_of(make_png({3, 1, 4, 0}, "\0\x0F\x70"s)), ElementsAre(0, 255, 119));
  EXPECT_THAT(greys_of(make_png({3, 1, 8, 0}, "\0\x00\x7F\xFF"s)), ElementsAre(0, 127, 255));
  EXPECT_THAT(greys_of(make_png({4, 1, 16, 0}, "\0\x00\x00\x00\xC8\x01\x00\xFF\xFF"s)), ElementsAre(0, 200, 255, 255));
}

TEST(Png, ColourAndAlphaSamples) {
  EXPECT_THAT(pixels_of(make_png({2, 1, 8, 2}, "\0\1\2\3\xFD\xFE\xFF"s)), ElementsAre(1, 2, 3, 253, 254, 255));
  EXPECT_THAT(pixels_of(make_png({1, 1, 16, 2}, "\0\x01\xFF\x80\x00\xFF\x7F"s)), ElementsAre(1, 128, 255));
  EXPECT_THAT(pixels_of(make_png({2, 1, 8, 6}, "\0\1\2\3\0\4\5\6\xFF"s)), ElementsAre(1, 2, 3, 4, 5, 6));
  EXPECT_THAT(pixels_of(make_png({1, 1, 16, 6}, "\0\x01\xFF\x80\x00\xFF\x7F\0\0"s)), ElementsAre(1, 128, 255));
  EXPECT_THAT(pixels_of(make_png({2, 1, 8, 4}, "\0\x11\0\x22\xFF"s)), ElementsAre(17, 17, 17, 34, 34, 34));
  EXPECT_THAT(pixels_of(make_png({1, 1, 16, 4}, "\0\x11\xFF\0\0"s)), ElementsAre(17, 17, 17));
}

TEST(Png, TransparentColourIsDropped) {
  const std::string trns = png_chunk("tRNS", "\0\1\0\2\0\3"s);
  EXPECT_THAT(pixels_of(make_png({2, 1, 8, 2}, "\0\1\2\3\4\5\6"s, trns)), ElementsAre(1, 2, 3, 4, 5, 6));
}

TEST(Png, PaletteOfOneToEightBits) {
  const std::string palette = png_chunk("PLTE", "\x0A\x0B\x0C\x14\x15\x16\x1E\x1F\x20"s);
  const std::string two = png_chunk("PLTE", "\x0A\x0B\x0C\x14\x15\x16"s);  // all that 1 bit can name
  EXPECT_THAT(pixels_of(make_png({2, 1, 1, 3}, "\0\x40"s, two)), ElementsAre(10, 11, 12, 20, 21, 22));
  EXPECT_THAT(pixels_of(make_png({2, 1, 2, 3}, "\0\x90"s, palette)), ElementsAre(30, 31, 32, 20, 21, 22));
  EXPECT_THAT(pixels_of(make_png({2, 1, 4, 3}, "\0\x20"s, palette)), ElementsAre(30, 31, 32, 10, 11, 12));
  EXPECT_THAT(pixels_of(make_png({2, 1, 8, 3}, "\0\1\2"s, palette)), ElementsAre(20, 21, 22, 30, 31, 32));
}

TEST(Png, PaletteIndexPastItsEndIsBlack) {
  const std::string palette = png_chunk("PLTE", "\x0A\x0B\x0C"s);
  EXPECT_THAT(pixels_of(make_png({3, 1, 8, 3}, "\0\0\1\xFF"s, palette)), ElementsAre(10, 11, 12, 0, 0, 0, 0, 0, 0));
}

TEST(Png, PaletteMissing) {
  EXPECT_EQ(code_of(make_png({2, 1, 8, 3}, "\0\1\2"s)), ErrorCode::kInvalidData);
}

// The columns and rows of each pass of Adam7 (ISO/IEC 15948, 8.2).
struct Pass {
  int left;
  int top;
  int step_x;
  int step_y;
};
constexpr std::array<Pass, 7> kAdam7 = {
    {{0, 0, 8, 8}, {4, 0, 8, 8}, {0, 4, 4, 8}, {2, 0, 4, 4}, {0, 2, 2, 4}, {1, 0, 2, 2}, {0, 1, 1, 2}}};

TEST(Png, InterlacedOfEverySmallSize) {
  for (int width = 1; width <= 9; ++width) {
    for (int height = 1; height <= 9; ++height) {
      const RgbImage picture = make_pattern(width, height);
      std::string scanlines;
      for (const Pass& pass : kAdam7) {
        for (int y = pass.top; y < height && pass.left < width; y += pass.step_y) {
          scanlines += '\0';  // no filter
          for (int x = pass.left; x < width; x += pass.step_x) {
            scanlines.append(as_text(std::as_bytes(std::span(picture.row(y) + x * 3, 3))));
          }
        }
      }
      const Bytes png = make_png({static_cast<unsigned>(width), static_cast<unsigned>(height), 8, 2, 1}, scanlines);
      EXPECT_EQ(pixels_of(png), picture.pixels()) << width << "x" << height;
    }
  }
}

// libspng stops at the last row: what follows (the data's checksum, the end chunk) is not waited for.
TEST(Png, CutOffAtEveryByte) {
  const RgbImage picture = make_pattern(6, 5);
  const Bytes png = encode_png(picture.view()).value();
  constexpr std::size_t kSignatureSize = 8;
  constexpr std::size_t kTrailerSize = 4 + 4 + 12;  // Adler-32, CRC-32, IEND
  for (std::size_t size = 0; size < png.size(); ++size) {
    const auto result = decode_image(ByteView(png).first(size));
    if (result) {
      EXPECT_GE(size, png.size() - kTrailerSize);
      EXPECT_EQ(result->pixels(), picture.pixels()) << size;
    } else {
      EXPECT_LT(size, png.size() - 12) << "the end chunk alone is missing";
      EXPECT_EQ(result.error().code, size < kSignatureSize ? ErrorCode::kUnsupported : ErrorCode::kInvalidData) << size;
    }
  }
}

TEST(Png, AnyByteDamaged) {
  const RgbImage picture = make_pattern(6, 5);
  const Bytes png = encode_png(picture.view()).value();
  constexpr std::size_t kHeaderEnd = 8 + 25;
  for (std::size_t at = 0; at < png.size(); ++at) {
    for (const unsigned mask : {0x01U, 0x80U, 0xFFU}) {
      Bytes damaged = png;
      damaged[at] ^= static_cast<std::byte>(mask);
      const auto result = decode_image(damaged);
      if (at < kHeaderEnd) {
        EXPECT_FALSE(result) << at;  // the signature, or the checksum of IHDR
      }
      if (result) {
        EXPECT_EQ(result->width(), 6) << at;
        EXPECT_EQ(result->height(), 5) << at;
      } else {
        EXPECT_NE(result.error().code, ErrorCode::kInternal) << at;
      }
    }
  }
}

TEST(Png, WrongChecksumOfAChunkBeforeTheLastOfTheData) {
  const std::string stream = zlib_stored("\0\1\2\3"s);
  std::string first = png_chunk("IDAT", stream.substr(0, 4));
  const std::string rest = png_chunk("IDAT", stream.substr(4)) + png_chunk("IEND", "");
  const std::string header = png_header({1, 1});
  EXPECT_THAT(pixels_of(bytes_of(header + first + rest)), ElementsAre(1, 2, 3));
  first.back() = static_cast<char>(first.back() ^ 1);
  EXPECT_EQ(code_of(bytes_of(header + first + rest)), ErrorCode::kInvalidData);
}

TEST(Png, TooFewPixels) {
  EXPECT_EQ(code_of(make_png({2, 2, 8, 2}, "\0\1\2\3\4\5\6"s)), ErrorCode::kInvalidData);
}

TEST(Png, ImpossibleHeaders) {
  EXPECT_EQ(code_of(make_png({1, 1, 3, 0}, "\0\0"s)), ErrorCode::kInvalidData);     // bit depth
  EXPECT_EQ(code_of(make_png({1, 1, 8, 5}, "\0\0"s)), ErrorCode::kInvalidData);     // colour type
  EXPECT_EQ(code_of(make_png({1, 1, 8, 2, 2}, "\0\0"s)), ErrorCode::kInvalidData);  // interlace method
}

TEST(Png, MoreMetadataThanTheLimit) {
  std::string chunks;
  for (int i = 0; i < 1100; ++i) {
    chunks += png_chunk("tEXt", "a\0b"s);
  }
  const auto result = decode_image(make_png({1, 1, 8, 0}, "\0\0"s, chunks));
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::kTooLarge);
  EXPECT_EQ(result.error().message, "PNG: reached chunk/cache limits (8 MiB of metadata, 1000 chunks)");
}

TEST(Png, UnknownCriticalChunk) {
  EXPECT_EQ(code_of(make_png({1, 1, 8, 0}, "\0\0"s, png_chunk("ABCD", ""))), ErrorCode::kUnsupported);
}

TEST(Png, BytesBehindTheEndAreIgnored) {
  Bytes png = make_png({1, 1, 8, 0}, "\0\x2A"s);
  png.resize(png.size() + 100, std::byte{0x55});
  EXPECT_THAT(pixels_of(png), ElementsAre(42, 42, 42));
}

}  // namespace
}  // namespace facepipe::image
