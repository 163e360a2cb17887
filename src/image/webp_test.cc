#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <webp/encode.h>

#include <span>
#include <string>

#include "base/base64.h"
#include "base/hash.h"
#include "image/decode.h"
#include "image/test_pictures.h"

namespace facepipe::image {
namespace {

using namespace testing;

// 37x29 px, lossy, written by Pillow; the digest of its pixels is Pillow 13.0.0's.
constexpr std::string_view kLossy =
    "UklGRoIAAABXRUJQVlA4IHYAAABQBACdASolAB0APyV8t1O/qCYisA1T8CSJajN/6wYnkuzM9xvg1jwPk23wAP7pnX/r34X/"
    "ExMTzoZgjWTuVc+d5wqU"
    "5o3gWG0IDZ3PYKu/MUitP6d/9xu/cp+v2ZF+Sju5tCA2cmwSR0lkbbz7HxhJr6hmrUgA";
constexpr std::string_view kLossyPixels = "1f86c41dc73109f04c096a32f0da03a481a82654f607673b6516d61a144e5349";
// make_pattern(4, 3), lossless: first of two frames; and with alpha values from 0 to 255.
constexpr std::string_view kAnimated =
    "UklGRgQBAABXRUJQVlA4WAoAAAACAAAAAwAAAgAAQU5JTQYAAAAAAAAAAABBTk1GaAAAAAAAAAAAAAMAAAIAAAAAAAJWUDhMTwAAAC8DgAAAX2AoAh"
    "kF"
    "nAyC8t1/aUVR2rYRHCwue44Fn5EASOgkJtBZwXBXuMJun/"
    "+AtBeX9VfJMDADIT2ZMxt5IAggUUkhpxV2WmHTiP4H6S4AQU5NRmgAAAAAAAAAAAADAAAC"
    "AAAAAAAAVlA4TFAAAAAvA4AAAF9gKAIZBZwMgvLdf2lFUdq2ERwsLnuOBZ+RAEjoJCbQWcFwV7jCbp//gLQXl/"
    "VXyTAwAyE9mTMbeSDItkmmMKcr3OkK"
    "F4/of/g1AA==";
constexpr std::string_view kWithAlpha =
    "UklGRl4AAABXRUJQVlA4TFIAAAAvA4AAEF+gJpIk5Rgf4gvfv8GXQiQIYvaCmf/vzGraNoKyZ+p9/JkdFQJBCEbm/xMBSRQuvLFfvucuDcW/"
    "6lxnHBAE"
    "kCjElMIus8wyaUT/A9Md";

Bytes webp_of(std::string_view base64) {
  return base64_decode(base64).value();
}

Bytes encode_lossless(const RgbImage& picture) {
  std::uint8_t* output = nullptr;
  const std::size_t size = WebPEncodeLosslessRGB(picture.row(0), picture.width(), picture.height(),
                                                 static_cast<int>(picture.stride_bytes()), &output);
  Bytes webp = to_bytes(std::as_bytes(std::span<const std::uint8_t>(output, size)));
  WebPFree(output);
  return webp;
}

TEST(Webp, LossyAsPillow) {
  const auto picture = decode_image(webp_of(kLossy));
  ASSERT_TRUE(picture);
  EXPECT_EQ(picture->width(), 37);
  EXPECT_EQ(picture->height(), 29);
  EXPECT_EQ(sha256_hex(std::as_bytes(std::span(picture->pixels()))), kLossyPixels);
}

TEST(Webp, LosslessIsExact) {
  for (const auto& [width, height] : {std::pair{1, 1}, std::pair{17, 5}, std::pair{64, 65}}) {
    const RgbImage picture = make_pattern(width, height);
    const auto back = decode_image(encode_lossless(picture));
    ASSERT_TRUE(back);
    EXPECT_EQ(back->pixels(), picture.pixels());
  }
}

TEST(Webp, FirstFrameOfAnAnimation) {
  const auto picture = decode_image(webp_of(kAnimated));
  ASSERT_TRUE(picture);
  EXPECT_EQ(picture->pixels(), make_pattern(4, 3).pixels());
}

TEST(Webp, AlphaIsDropped) {
  const auto picture = decode_image(webp_of(kWithAlpha));
  ASSERT_TRUE(picture);
  EXPECT_EQ(picture->pixels(), make_pattern(4, 3).pixels());
}

TEST(Webp, FrameSmallerThanTheCanvasStandsOnBlack) {
  // The first frame of the animation on a canvas of 6x7, at (2,4): offsets are stored halved.
  std::string text = text_of(webp_of(kAnimated));
  text.replace(text.find("VP8X") + 12, 6, number(5, 3, false) + number(6, 3, false));
  text.replace(text.find("ANMF") + 8, 6, number(1, 3, false) + number(2, 3, false));
  const auto picture = decode_image(bytes_of(text));
  ASSERT_TRUE(picture) << picture.error().message;
  RgbImage expected(6, 7);
  const RgbImage frame = make_pattern(4, 3);
  for (int y = 0; y < 3; ++y) {
    std::copy_n(frame.row(y), frame.stride_bytes(), expected.row(y + 4) + 6);
  }
  EXPECT_EQ(picture->pixels(), expected.pixels());
}

TEST(Webp, FramePastTheCanvasIsInvalid) {
  std::string text = text_of(webp_of(kAnimated));
  text.replace(text.find("ANMF") + 8, 3, number(1, 3, false));
  const auto picture = decode_image(bytes_of(text));
  ASSERT_FALSE(picture);
  EXPECT_EQ(picture.error().code, ErrorCode::kInvalidData);
}

TEST(Webp, OrientationOfItsExifChunk) {
  const Bytes webp = with_webp_exif(encode_lossless(make_pattern(4, 3)), 4, 3, make_exif(6));
  const auto info = probe_image(webp);
  ASSERT_TRUE(info);
  EXPECT_EQ(info->format, ImageFormat::kWebp);
  EXPECT_EQ(info->width, 4);
  EXPECT_EQ(info->height, 3);
  EXPECT_EQ(info->exif_orientation, 6);
  const auto picture = decode_image(webp);
  ASSERT_TRUE(picture);
  EXPECT_EQ(picture->width(), 3);
  EXPECT_EQ(picture->height(), 4);
}

TEST(Webp, CutOffAtEveryByte) {
  for (const std::string_view base64 : {kLossy, kAnimated, kWithAlpha}) {
    const Bytes webp = webp_of(base64);
    for (std::size_t size = 0; size < webp.size(); ++size) {
      const auto picture = decode_image(ByteView(webp).first(size));
      ASSERT_FALSE(picture) << size;
      EXPECT_EQ(picture.error().code, size < 12 ? ErrorCode::kUnsupported : ErrorCode::kInvalidData) << size;
    }
  }
}

TEST(Webp, AnyByteDamaged) {
  int refused = 0;
  for (const std::string_view base64 : {kLossy, kAnimated, kWithAlpha}) {
    const Bytes webp = webp_of(base64);
    for (std::size_t at = 0; at < webp.size(); ++at) {
      for (const unsigned mask : {0x01U, 0x80U, 0xFFU}) {
        Bytes damaged = webp;
        damaged[at] ^= static_cast<std::byte>(mask);
        const auto result = decode_image(damaged, {.apply_exif_orientation = true, .limits = {.max_pixels = 1 << 20}});
        if (!result) {
          EXPECT_NE(result.error().code, ErrorCode::kInternal) << at;
          ++refused;
        }
      }
    }
  }
  EXPECT_GT(refused, 100);
}

}  // namespace
}  // namespace facepipe::image
