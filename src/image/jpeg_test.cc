#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <jpeglib.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "base/base64.h"
#include "base/hash.h"
#include "image/decode.h"
#include "image/encode.h"
#include "image/test_pictures.h"

namespace facepipe::image {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using namespace testing;

// 37x29 px, 4:2:0, quality 40, written by Pillow: baseline, then the same coefficients in progressive scans.
constexpr std::string_view kBaseline420 =
    "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDABQODxIPDRQSEBIXFRQYHjIhHhwcHj0sLiQySUBMS0dARkVQWnNiUFVtVkVGZIhlbXd7gYKBTmCNl4x9"
    "lnN+gXz/2wBDARUXFx4aHjshITt8U0ZTfHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHz/wAARCAAdACUD"
    "ASIAAhEBAxEB/8QAFwABAQEBAAAAAAAAAAAAAAAABAAFBv/EABsQAAMBAQEBAQAAAAAAAAAAAAACA2EBITER/8QAGQEAAgMBAAAAAAAAAAAAAAAA"
    "AwQBAgUG/8QAGhEAAwADAQAAAAAAAAAAAAAAAAEDAhEhEv/aAAwDAQACEQMRAD8A5dIYJSGCkhghIYQsikrhUhghIYKSGCUhgVZGpK4RYefCNJYe"
    "fCCeh9X4BSGCUhghJ8EpPggmcJKwZIYISGCUnwQk+BUzTlYMsPPhGgs+fhBNj6tw/9k=";
constexpr std::string_view kProgressive420 =
    "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDABQODxIPDRQSEBIXFRQYHjIhHhwcHj0sLiQySUBMS0dARkVQWnNiUFVtVkVGZIhlbXd7gYKBTmCNl4x9"
    "lnN+gXz/2wBDARUXFx4aHjshITt8U0ZTfHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHz/wgARCAAdACUD"
    "ASIAAhEBAxEB/8QAFwABAQEBAAAAAAAAAAAAAAAAAwAEBf/EABgBAQEAAwAAAAAAAAAAAAAAAAIEAQMF/9oADAMBAAIQAxAAAAHloqYJIquobTKg"
    "FRJ+CaIjqO0S3//EABUQAQEAAAAAAAAAAAAAAAAAAAAR/9oACAEBAAEFAoiIiIiIiIiIiIj/xAAWEQEBAQAAAAAAAAAAAAAAAAACABL/2gAIAQMB"
    "AT8BLi7cXF27/8QAFhEBAQEAAAAAAAAAAAAAAAAAEQAg/9oACAECAQE/AWZx/8QAFBABAAAAAAAAAAAAAAAAAAAAQP/aAAgBAQAGPwIn/8QAFRAB"
    "AQAAAAAAAAAAAAAAAAAAAAH/2gAIAQEAAT8hjGMYxjGMYxjGMIQhD//aAAwDAQACAAMAAAAQf58nMB//xAAXEQADAQAAAAAAAAAAAAAAAAABECEA"
    "/9oACAEDAQE/EF4l0I3/xAAXEQEBAQEAAAAAAAAAAAAAAAABABAR/9oACAECAQE/ECGAw3b/xAAZEAEBAQEBAQAAAAAAAAAAAAAAYQEhMRH/2gAI"
    "AQEAAT8Qmmmm4+JpppuPiaaabj4yZMmTD4//2Q==";
// SHA-256 of the pixels of both: Pillow 13.0.0.
constexpr std::string_view kPixels420 = "09b078c34dd070c87a8a4f4535589c871495e9a546e868613fc57b4d34d63512";

Bytes jpeg_of(std::string_view base64) {
  return base64_decode(base64).value();
}

std::string digest_of(const RgbImage& picture) {
  return sha256_hex(std::as_bytes(std::span(picture.pixels())));
}

// An 8x8 JPEG of one colour, at quality 100 so that it comes back exact.
struct Spec {
  std::vector<std::uint8_t> samples;  // one value a component
  J_COLOR_SPACE in_space = JCS_GRAYSCALE;
  J_COLOR_SPACE stored_space = JCS_GRAYSCALE;
  std::function<void(jpeg_compress_struct&)> adjust = [](jpeg_compress_struct&) {};
};

// The library's own error handler ends the program: a failure here is a broken test.
Bytes write_jpeg(const Spec& spec) {
  jpeg_error_mgr errors{};
  jpeg_compress_struct codec{};
  codec.err = jpeg_std_error(&errors);
  jpeg_create_compress(&codec);
  unsigned char* buffer = nullptr;
  unsigned long size = 0;  // NOLINT(google-runtime-int): libjpeg's type
  jpeg_mem_dest(&codec, &buffer, &size);
  codec.image_width = 8;
  codec.image_height = 8;
  codec.input_components = static_cast<int>(spec.samples.size());
  codec.in_color_space = spec.in_space;
  jpeg_set_defaults(&codec);
  jpeg_set_colorspace(&codec, spec.stored_space);
  jpeg_set_quality(&codec, 100, TRUE);
  spec.adjust(codec);
  jpeg_start_compress(&codec, TRUE);
  std::vector<std::uint8_t> row;
  for (int x = 0; x < 8; ++x) {
    row.insert(row.end(), spec.samples.begin(), spec.samples.end());
  }
  for (int y = 0; y < 8; ++y) {
    JSAMPROW pixels = row.data();
    jpeg_write_scanlines(&codec, &pixels, 1);
  }
  jpeg_finish_compress(&codec);
  Bytes jpeg = to_bytes(std::as_bytes(std::span<const unsigned char>(buffer, size)));
  jpeg_destroy_compress(&codec);
  std::free(buffer);
  return jpeg;
}

std::vector<int> color_of(ByteView jpeg) {
  const auto picture = decode_image(jpeg);
  EXPECT_TRUE(picture) << (picture ? "" : picture.error().message);
  if (!picture) {
    return {};
  }
  EXPECT_EQ(picture->width(), 8);
  EXPECT_EQ(picture->height(), 8);
  return {picture->row(7)[21], picture->row(7)[22], picture->row(7)[23]};
}

Error error_of(ByteView jpeg) {
  const auto picture = decode_image(jpeg);
  EXPECT_FALSE(picture);
  return picture ? Error{} : picture.error();
}

TEST(Jpeg, SubsampledChromaAsPillow) {
  for (const std::string_view base64 : {kBaseline420, kProgressive420}) {
    const auto picture = decode_image(jpeg_of(base64));
    ASSERT_TRUE(picture);
    EXPECT_EQ(picture->width(), 37);
    EXPECT_EQ(picture->height(), 29);
    EXPECT_EQ(digest_of(*picture), kPixels420);
  }
}

TEST(Jpeg, GreyAndRgb) {
  EXPECT_THAT(color_of(write_jpeg({{77}})), ElementsAre(77, 77, 77));
  EXPECT_THAT(color_of(write_jpeg({{10, 200, 30}, JCS_RGB, JCS_RGB})), ElementsAre(10, 200, 30));
}

// Expectations: Pillow 13.0.0, which takes the stored samples for 255 - ink, with Adobe's marker and without.
TEST(Jpeg, CmykAsPillow) {
  const auto without_marker = [](jpeg_compress_struct& codec) { codec.write_Adobe_marker = FALSE; };
  EXPECT_THAT(color_of(write_jpeg({{10, 100, 200, 30}, JCS_CMYK, JCS_CMYK})), ElementsAre(1, 12, 24));
  EXPECT_THAT(color_of(write_jpeg({{10, 100, 200, 30}, JCS_CMYK, JCS_CMYK, without_marker})), ElementsAre(1, 12, 24));
  EXPECT_THAT(color_of(write_jpeg({{200, 150, 90, 220}, JCS_CMYK, JCS_CMYK})), ElementsAre(173, 129, 78));
  EXPECT_THAT(color_of(write_jpeg({{255, 255, 255, 255}, JCS_CMYK, JCS_CMYK})), ElementsAre(255, 255, 255));
  EXPECT_THAT(color_of(write_jpeg({{0, 255, 128, 255}, JCS_CMYK, JCS_CMYK})), ElementsAre(0, 255, 128));
}

TEST(Jpeg, YcckIsTurnedToCmykFirst) {
  EXPECT_THAT(color_of(write_jpeg({{255, 255, 255, 220}, JCS_CMYK, JCS_YCCK})), ElementsAre(220, 220, 220));
}

TEST(Jpeg, ArithmeticCodingIsDecoded) {
  const auto arithmetic = [](jpeg_compress_struct& codec) { codec.arith_code = TRUE; };
  EXPECT_THAT(color_of(write_jpeg({{77}, JCS_GRAYSCALE, JCS_GRAYSCALE, arithmetic})), ElementsAre(77, 77, 77));
}

TEST(Jpeg, TwoComponentsAreUnsupported) {
  const Error error = error_of(write_jpeg({{1, 2}, JCS_UNKNOWN, JCS_UNKNOWN}));
  EXPECT_EQ(error.code, ErrorCode::kUnsupported);
  EXPECT_EQ(error.message, "JPEG: expected 1, 3 or 4 colour components, got 2");
}

// Byte `offset` of the SOF0 segment of a grey JPEG, counted from its marker, set to `value`.
Bytes with_frame_byte(std::size_t offset, unsigned value) {
  Bytes jpeg = write_jpeg({{77}});
  jpeg[as_text(jpeg).find("\xFF\xC0") + offset] = static_cast<std::byte>(value);
  return jpeg;
}

TEST(Jpeg, OtherProcessesAreUnsupported) {
  EXPECT_EQ(error_of(with_frame_byte(4, 12)).code, ErrorCode::kUnsupported);
  EXPECT_THAT(error_of(with_frame_byte(4, 12)).message, HasSubstr("precision 12"));
  EXPECT_EQ(error_of(with_frame_byte(1, 0xC3)).code, ErrorCode::kUnsupported);  // lossless
}

TEST(Jpeg, HeightThatFollowsThePictureIsInvalid) {
  EXPECT_EQ(error_of(with_frame_byte(6, 0)).code, ErrorCode::kInvalidData);  // 0 rows: a DNL marker would tell
}

TEST(Jpeg, ScansWithoutEndAreRefused) {
  // The last AC scan of the progressive file, over and over.
  const std::string text = text_of(jpeg_of(kProgressive420));
  const std::size_t scan = text.rfind("\xFF\xDA");
  const std::string last = text.substr(scan, text.size() - 2 - scan);
  std::string bomb = text.substr(0, text.size() - 2);
  for (int i = 0; i < 200; ++i) {
    bomb += last;
  }
  const Error error = error_of(bytes_of(bomb + "\xFF\xD9"));
  EXPECT_EQ(error.code, ErrorCode::kTooLarge);
  EXPECT_EQ(error.message, "JPEG: more than 100 progressive scans");
}

// A progressive file is decoded with the coefficients of all its blocks in memory: two bytes each.
TEST(Jpeg, MemoryOfAProgressiveFileHoldsItsCoefficients) {
  const auto baseline = probe_image(jpeg_of(kBaseline420));
  const auto progressive = probe_image(jpeg_of(kProgressive420));
  ASSERT_TRUE(baseline && progressive);
  const std::size_t blocks = 5 * 4 + 2 * (3 * 2);  // of 37x29 px in full, and twice at half the size
  EXPECT_GE(progressive->codec_bytes, baseline->codec_bytes + blocks * 128);
  EXPECT_GE(decode_memory(*progressive, true), progressive->codec_bytes + std::size_t{37} * 29 * 3);
}

TEST(Jpeg, DecodingEndsAtItsLimit) {
  std::stop_source stop;
  stop.request_stop();
  for (const std::string_view file : {kBaseline420, kProgressive420}) {
    DecodeOptions options;
    options.work = WorkLimit(stop.get_token());
    const auto picture = decode_image(jpeg_of(file), options);
    ASSERT_FALSE(picture);
    EXPECT_EQ(picture.error().code, ErrorCode::kUnavailable);
    options.work = WorkLimit().until(WorkLimit::Clock::now(), "2 s (--frame-timeout)");
    EXPECT_EQ(decode_image(jpeg_of(file), options).error().message,
              "decoding the picture took longer than 2 s (--frame-timeout)");
  }
}

TEST(Jpeg, CutOffAtEveryByte) {
  for (const std::string_view base64 : {kBaseline420, kProgressive420}) {
    const Bytes jpeg = jpeg_of(base64);
    for (std::size_t size = 0; size < jpeg.size(); ++size) {
      const Error error = error_of(ByteView(jpeg).first(size));
      EXPECT_EQ(error.code, size < 3 ? ErrorCode::kUnsupported : ErrorCode::kInvalidData) << size;
    }
  }
}

TEST(Jpeg, AnyByteDamaged) {
  int refused = 0;
  for (const std::string_view base64 : {kBaseline420, kProgressive420}) {
    const Bytes jpeg = jpeg_of(base64);
    for (std::size_t at = 0; at < jpeg.size(); ++at) {
      for (const unsigned mask : {0x01U, 0x80U, 0xFFU}) {
        Bytes damaged = jpeg;
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

TEST(Jpeg, BytesBehindTheEndAreIgnored) {
  Bytes jpeg = jpeg_of(kBaseline420);
  jpeg.resize(jpeg.size() + 100, std::byte{0x55});
  const auto picture = decode_image(jpeg);
  ASSERT_TRUE(picture);
  EXPECT_EQ(digest_of(*picture), kPixels420);
}

TEST(Jpeg, StrayBytesBetweenSegmentsAreSkipped) {
  std::string text = text_of(jpeg_of(kBaseline420));
  text.insert(text.find("\xFF\xDB"), "stray");
  const auto picture = decode_image(bytes_of(text));
  ASSERT_TRUE(picture);
  EXPECT_EQ(digest_of(*picture), kPixels420);
}

TEST(EncodeJpeg, ComesBackNearly) {
  RgbImage picture(50, 34);
  for (int y = 0; y < picture.height(); ++y) {
    for (int x = 0; x < picture.width(); ++x) {
      std::uint8_t* pixel = picture.row(y) + x * 3;
      pixel[0] = static_cast<std::uint8_t>(x * 5);
      pixel[1] = static_cast<std::uint8_t>(y * 7);
      pixel[2] = 99;
    }
  }
  for (const ChromaSampling sampling : {ChromaSampling::k444, ChromaSampling::k420}) {
    const auto jpeg = encode_jpeg(picture.view(), 95, sampling);
    ASSERT_TRUE(jpeg);
    const auto back = decode_image(*jpeg);
    ASSERT_TRUE(back);
    ASSERT_EQ(back->pixels().size(), picture.pixels().size());
    int worst = 0;
    for (std::size_t i = 0; i < picture.pixels().size(); ++i) {
      worst = std::max(worst, std::abs(int{picture.pixels()[i]} - int{back->pixels()[i]}));
    }
    EXPECT_LE(worst, sampling == ChromaSampling::k444 ? 6 : 16);
  }
}

TEST(EncodeJpeg, SamplingIsWrittenToTheFrame) {
  const RgbImage picture = make_pattern(16, 16);
  const auto luma_factors = [&](ChromaSampling sampling) {
    const Bytes jpeg = encode_jpeg(picture.view(), 90, sampling).value();
    return std::to_integer<int>(jpeg[as_text(jpeg).find("\xFF\xC0") + 11]);
  };
  EXPECT_EQ(luma_factors(ChromaSampling::k444), 0x11);
  EXPECT_EQ(luma_factors(ChromaSampling::k420), 0x22);
}

TEST(EncodeJpeg, ReadsACropThroughItsStride) {
  const RgbImage picture = make_pattern(20, 18);
  const RgbView crop = picture.view().crop({3, 2, 14, 17});
  const RgbImage packed = RgbImage::clone(crop);
  EXPECT_EQ(encode_jpeg(crop, 80).value(), encode_jpeg(packed.view(), 80).value());
}

TEST(EncodeJpeg, WrongArguments) {
  const RgbImage picture = make_pattern(2, 2);
  const RgbImage wide(65536, 1);
  for (const auto& result : {encode_jpeg({}, 90), encode_jpeg(picture.view(), 0), encode_jpeg(picture.view(), 101),
                             encode_jpeg(wide.view(), 90)}) {
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, ErrorCode::kInvalidArgument);
  }
  EXPECT_TRUE(encode_jpeg(wide.view().crop({0, 0, 65500, 1}), 90));  // libjpeg-turbo's longest side
}

}  // namespace
}  // namespace facepipe::image
