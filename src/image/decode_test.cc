#include "image/decode.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "image/encode.h"
#include "image/test_pictures.h"

namespace facepipe::image {
namespace {

using ::testing::ElementsAre;
using namespace testing;
using namespace std::string_literals;

std::string refusal(std::string_view file) {
  const auto result = decode_image(as_bytes(file));
  EXPECT_FALSE(result);
  EXPECT_FALSE(probe_image(as_bytes(file)));
  if (result) {
    return "decoded";
  }
  EXPECT_EQ(result.error().code, ErrorCode::kUnsupported);
  return result.error().message;
}

TEST(DecodeImage, NamesWhatItGotInstead) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"", "no bytes at all"},
      {"GIF89a\1\0\1\0"s, "a GIF"},
      {"GIF87a", "a GIF"},
      {"BM\x36\0\0\0"s, "a BMP"},
      {"II*\0\x08"s, "a TIFF"},
      {"MM\0*\0\0"s, "a TIFF"},
      {"\0\0\0\x1C"
       "ftypheic"s,
       "a HEIF (HEIC)"},
      {"\0\0\0\x1C"
       "ftypmif1"s,
       "a HEIF"},
      {"\0\0\0\x1C"
       "ftypavif"s,
       "an AVIF"},
      {"\0\0\0\x1C"
       "ftypisom"s,
       "an MP4 or QuickTime video"},
      {"\0\0\0\x0CjP  \r\n\x87\n"s, "a JPEG 2000"},
      {"\xFF\x0A\0"s, "a JPEG XL"},
      {"\0\0\1\0\1\0"s, "an ICO"},
      {"8BPS", "a PSD"},
      {"P6\n1 1\n255\n...", "a PNM"},
      {"%PDF-1.7", "a PDF"},
      {"RIFF....WAVE", "a RIFF file that is no WebP"},
      {"RIFF", "a RIFF file that is no WebP"},
      {"<!DOCTYPE html>", "an HTML page"},
      {"\r\n <html>", "an HTML page"},
      {"<svg xmlns=", "an SVG"},
      {"{\"error\":1}", "JSON text"},
      {"data:image/jpeg;base64,", "a data: URL"},
      {"/9j/4AAQSkZJRg==", "base64 text of a JPEG"},
      {"iVBORw0KGgoAAAANSUhEUg", "base64 text of a PNG"},
      {"\x89PNG\n\x1A\n"s, "a PNG with a damaged signature (as after a transfer in text mode)"},
      {"PK\3\4", "a ZIP archive"},
      {"hello", "5 bytes of an unknown format"},
      {"\xFF\xD8"s, "2 bytes of an unknown format"},
      {"   ", "3 bytes of an unknown format"},
  };
  for (const auto& [file, name] : cases) {
    EXPECT_EQ(refusal(file), "expected a JPEG, PNG or WebP picture, got " + name);
  }
}

TEST(PictureFormat, IsToldByTheFirstBytes) {
  EXPECT_EQ(picture_format(as_bytes("\xFF\xD8\xFF\xE0")), ImageFormat::kJpeg);
  EXPECT_EQ(picture_format(as_bytes("\x89PNG\r\n\x1A\n")), ImageFormat::kPng);
  EXPECT_EQ(picture_format(as_bytes("RIFF....WEBP")), ImageFormat::kWebp);
  for (const char* other : {"", "\xFF\xD8", "RIFF....WAVE", "GIF89a", "{}"}) {
    EXPECT_EQ(picture_format(as_bytes(other)), std::nullopt) << other;
  }
  EXPECT_EQ(describe_other(as_bytes("GIF89a")), "a GIF");
  EXPECT_EQ(describe_other({}), "no bytes at all");
}

TEST(DecodeImage, FormatNames) {
  EXPECT_EQ(to_string(ImageFormat::kJpeg), "JPEG");
  EXPECT_EQ(to_string(ImageFormat::kPng), "PNG");
  EXPECT_EQ(to_string(ImageFormat::kWebp), "WebP");
}

void expect_too_large(ByteView file, const DecodeLimits& limits, const std::string& message) {
  const auto probed = probe_image(file, limits);
  ASSERT_FALSE(probed);
  EXPECT_EQ(probed.error().code, ErrorCode::kTooLarge);
  EXPECT_EQ(probed.error().message, message);
  const auto decoded = decode_image(file, {.apply_exif_orientation = true, .limits = limits});
  ASSERT_FALSE(decoded);
  EXPECT_EQ(decoded.error().code, ErrorCode::kTooLarge);
  EXPECT_EQ(decoded.error().message, message);
}

Bytes png_of(int width, int height) {
  const RgbImage picture = make_pattern(width, height);
  return encode_png(picture.view()).value();
}

TEST(DecodeImage, LimitsAreExact) {
  const Bytes png = png_of(3, 2);
  const std::size_t size = png.size();
  EXPECT_TRUE(decode_image(
      png, {.apply_exif_orientation = true, .limits = {.max_bytes = size, .max_pixels = 6, .max_side_px = 3}}));
  expect_too_large(
      png, {.max_bytes = size - 1},
      "picture file of " + std::to_string(size) + " bytes: the limit is " + std::to_string(size - 1) + " bytes");
  expect_too_large(png, {.max_pixels = 5}, "PNG of 3x2 px: the limit is 5 pixels");
  expect_too_large(png, {.max_side_px = 2}, "PNG of 3x2 px: the limit is 2 px a side");
}

// A few hundred bytes that claim gigabytes: refused on the header's word, before memory is asked for.
TEST(DecodeImage, HugeClaimsAreRefusedByTheHeader) {
  expect_too_large(make_png({60000, 60000}, "x"), {}, "PNG of 60000x60000 px: the limit is 16384 px a side");
  expect_too_large(make_png({16384, 16384}, "x"), {}, "PNG of 16384x16384 px: the limit is 50000000 pixels");
  expect_too_large(make_png({0x7FFFFFFF, 0x7FFFFFFF}, "x"), {}, "PNG: the header's size is past every limit");
  const RgbImage dot(1, 1);
  std::string jpeg = text_of(encode_jpeg(dot.view(), 90).value());
  jpeg.replace(jpeg.find("\xFF\xC0") + 5, 4, number(60000, 2) + number(60000, 2));  // SOF0: height and width
  expect_too_large(bytes_of(jpeg), {}, "JPEG of 60000x60000 px: the limit is 16384 px a side");
  const std::string claim = "\2" + std::string(3, '\0') + number(19999, 3, false) + number(19999, 3, false);
  expect_too_large(webp_file(webp_chunk("VP8X", claim) + webp_chunk("VP8L", "\x2F....")), {},
                   "WebP of 20000x20000 px: the limit is 16384 px a side");
}

TEST(DecodeImage, EmptyPicturesAreInvalid) {
  for (const auto& [width, height] : {std::pair{0U, 1U}, std::pair{1U, 0U}}) {
    const auto result = decode_image(make_png({width, height}, "x"));
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, ErrorCode::kInvalidData);
  }
}

TEST(ProbeImage, TellsFormatSizeAndOrientation) {
  const RgbImage picture = make_pattern(5, 4);
  const auto jpeg = probe_image(with_jpeg_exif(encode_jpeg(picture.view(), 90).value(), make_exif(6)));
  ASSERT_TRUE(jpeg);
  EXPECT_EQ(jpeg->format, ImageFormat::kJpeg);
  EXPECT_EQ(jpeg->width, 5);
  EXPECT_EQ(jpeg->height, 4);
  EXPECT_EQ(jpeg->exif_orientation, 6);
  const auto png = probe_image(png_of(5, 4));
  ASSERT_TRUE(png);
  EXPECT_EQ(png->format, ImageFormat::kPng);
  EXPECT_EQ(png->width, 5);
  EXPECT_EQ(png->height, 4);
  EXPECT_EQ(png->exif_orientation, 1);
}

TEST(DecodeImage, TurnsUprightUnlessToldNotTo) {
  const std::string two_dots = "\0\xFF\0\0\0\0\xFF"s;  // red, blue
  const Bytes png = make_png({2, 1}, two_dots, png_chunk("eXIf", make_exif(8)));
  const auto upright = decode_image(png);
  ASSERT_TRUE(upright);
  EXPECT_EQ(upright->width(), 1);
  EXPECT_EQ(upright->height(), 2);
  EXPECT_THAT(upright->pixels(), ElementsAre(0, 0, 255, 255, 0, 0));
  const auto stored = decode_image(png, {.apply_exif_orientation = false, .limits = {}});
  ASSERT_TRUE(stored);
  EXPECT_EQ(stored->width(), 2);
  EXPECT_THAT(stored->pixels(), ElementsAre(255, 0, 0, 0, 0, 255));
}

TEST(DecodeImage, MalformedExifDoesNotFailThePicture) {
  const RgbImage picture = make_pattern(8, 8);
  const Bytes jpeg = encode_jpeg(picture.view(), 90).value();
  const auto plain = decode_image(jpeg);
  const auto damaged = decode_image(with_jpeg_exif(jpeg, "II*\0\xFF\xFF\xFF\xFF"s));
  ASSERT_TRUE(plain && damaged);
  EXPECT_EQ(plain->pixels(), damaged->pixels());
}

TEST(DecodeMemory, TurningAPictureNeedsASecondOne) {
  ImageInfo info{ImageFormat::kPng, 1000, 1000, 1, 500'000};
  const std::size_t upright = decode_memory(info, true);
  info.exif_orientation = 6;
  EXPECT_EQ(decode_memory(info, true), upright + 2'500'000);  // 3 MB instead of the codec's half
  EXPECT_EQ(decode_memory(info, false), upright);
}

TEST(DecodeImage, EndsAtItsLimit) {
  std::stop_source stop;
  stop.request_stop();
  DecodeOptions options;
  options.work = WorkLimit(stop.get_token());
  const RgbImage pattern = make_pattern(40, 40);
  const auto picture = decode_image(encode_png(pattern.view()).value(), options);
  ASSERT_FALSE(picture);
  EXPECT_EQ(picture.error().code, ErrorCode::kUnavailable);
}

}  // namespace
}  // namespace facepipe::image
