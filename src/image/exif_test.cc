#include <gtest/gtest.h>

#include <string>

#include "image/decode.h"
#include "image/encode.h"
#include "image/orientation.h"
#include "image/test_pictures.h"

namespace facepipe::image {
namespace {

using namespace testing;

// Enough of a JPEG for the reader: SOI and EOI.
const Bytes kNoJpeg = bytes_of("\xFF\xD8\xFF\xD9");

int in_jpeg(std::string_view tiff) {
  return exif_orientation(ImageFormat::kJpeg, with_jpeg_exif(kNoJpeg, tiff));
}

TEST(ExifOrientation, AllValuesBothByteOrdersAndTypes) {
  for (std::uint32_t value = 1; value <= 8; ++value) {
    for (const bool big_endian : {false, true}) {
      EXPECT_EQ(in_jpeg(make_exif(value, big_endian, 3)), static_cast<int>(value));
      EXPECT_EQ(in_jpeg(make_exif(value, big_endian, 4)), static_cast<int>(value));
    }
  }
}

TEST(ExifOrientation, OneForWhatIsNoOrientation) {
  EXPECT_EQ(in_jpeg(make_exif(0)), 1);
  EXPECT_EQ(in_jpeg(make_exif(9)), 1);
  EXPECT_EQ(in_jpeg(make_exif(0x10006, false, 4)), 1);
  EXPECT_EQ(in_jpeg(make_exif(6, false, 2)), 1);             // ASCII
  EXPECT_EQ(in_jpeg(make_exif(6, false, 3, 2)), 1);          // two of them
  EXPECT_EQ(in_jpeg(make_exif(6, false, 3, 1, 0x0100)), 1);  // another tag
  EXPECT_EQ(in_jpeg("XX" + make_exif(6).substr(2)), 1);      // no byte order
  EXPECT_EQ(in_jpeg(""), 1);
  EXPECT_EQ(exif_orientation(ImageFormat::kJpeg, kNoJpeg), 1);
}

TEST(ExifOrientation, BlockCutOffAtEveryByte) {
  const std::string tiff = make_exif(6);
  const std::size_t value_end = 8 + 2 + 10;  // header, number of entries, entry up to the value's two bytes
  for (std::size_t size = 0; size < tiff.size(); ++size) {
    EXPECT_EQ(in_jpeg(tiff.substr(0, size)), size < value_end ? 1 : 6) << size;
  }
}

TEST(ExifOrientation, DirectoryAnywhereOrNowhere) {
  std::string tiff = make_exif(6);
  const std::string moved = tiff.substr(0, 4) + number(11, 4, false) + "..." + tiff.substr(8);
  EXPECT_EQ(in_jpeg(moved), 6);
  for (const std::uint32_t offset : {30U, 0x7FFFFFFFU, 0xFFFFFFFEU, 0xFFFFFFFFU}) {
    EXPECT_EQ(in_jpeg(tiff.substr(0, 4) + number(offset, 4, false) + tiff.substr(8)), 1) << offset;
  }
}

TEST(ExifOrientation, FoundAfterOtherEntriesOfADirectoryThatClaimsMore) {
  const std::string entry = make_exif(6).substr(10, 12);
  const std::string other = make_exif(6, false, 3, 1, 0x010F).substr(10, 12);
  const std::string head = make_exif(6).substr(0, 8);
  EXPECT_EQ(in_jpeg(head + number(0xFFFF, 2, false) + other + other + entry), 6);
  EXPECT_EQ(in_jpeg(head + number(0xFFFF, 2, false) + other + other), 1);
}

TEST(ExifOrientation, JpegSegmentsBeforeItAreSkipped) {
  Bytes jpeg = with_jpeg_exif(kNoJpeg, make_exif(8));
  jpeg = with_segment(jpeg, 0xE1, "http://ns.adobe.com/xap/1.0/");  // APP1 of another kind
  jpeg = with_segment(jpeg, 0xFE, std::string(300, '\xFF'));        // a comment full of marker bytes
  EXPECT_EQ(exif_orientation(ImageFormat::kJpeg, jpeg), 8);
  std::string text = text_of(jpeg);
  text.insert(2, "\xFF\xFF\xFF");  // fill bytes before a marker
  EXPECT_EQ(exif_orientation(ImageFormat::kJpeg, bytes_of(text)), 8);
}

TEST(ExifOrientation, FirstJpegBlockCounts) {
  EXPECT_EQ(exif_orientation(ImageFormat::kJpeg, with_jpeg_exif(with_jpeg_exif(kNoJpeg, make_exif(3)), make_exif(5))),
            5);
}

TEST(ExifOrientation, NothingBehindTheFirstScanCounts) {
  const std::string app1 = text_of(with_jpeg_exif(kNoJpeg, make_exif(6))).substr(2);
  EXPECT_EQ(exif_orientation(ImageFormat::kJpeg, bytes_of(std::string("\xFF\xD8\xFF\xDA\0\2", 6) + app1)), 1);
  EXPECT_EQ(exif_orientation(ImageFormat::kJpeg, bytes_of("\xFF\xD8\xFF\xD9" + app1)), 1);
}

TEST(ExifOrientation, JpegSegmentOfImpossibleLength) {
  for (const unsigned length : {0U, 1U}) {
    EXPECT_EQ(exif_orientation(ImageFormat::kJpeg,
                               bytes_of("\xFF\xD8\xFF\xE1" + number(length, 2) + std::string("Exif\0\0", 6))),
              1);
  }
}

TEST(ExifOrientation, PngChunkBeforeOrBehindThePicture) {
  const std::string exif = png_chunk("eXIf", make_exif(7, true));
  const std::string black = std::string("\0\0\0\0", 4);
  const Bytes before = make_png({1, 1}, black, exif);
  EXPECT_EQ(exif_orientation(ImageFormat::kPng, before), 7);
  std::string behind = text_of(make_png({1, 1}, black));
  behind.insert(behind.size() - 12, exif);
  EXPECT_EQ(exif_orientation(ImageFormat::kPng, bytes_of(behind)), 7);
  EXPECT_EQ(exif_orientation(ImageFormat::kPng, make_png({1, 1}, black)), 1);
  EXPECT_EQ(exif_orientation(ImageFormat::kPng, bytes_of(png_header({1, 1}) + number(0xFFFFFFFF, 4) + "eXIf")), 1);
}

TEST(ExifOrientation, WebpChunkWithAndWithoutJpegsPrefix) {
  const Bytes simple = webp_file(webp_chunk("VP8L", "odd"));  // padded to an even size
  EXPECT_EQ(exif_orientation(ImageFormat::kWebp, with_webp_exif(simple, 1, 1, make_exif(4))), 4);
  EXPECT_EQ(
      exif_orientation(ImageFormat::kWebp, with_webp_exif(simple, 1, 1, std::string("Exif\0\0", 6) + make_exif(4))), 4);
  EXPECT_EQ(exif_orientation(ImageFormat::kWebp, simple), 1);
  EXPECT_EQ(exif_orientation(ImageFormat::kWebp, webp_file("EXIF\xFF\xFF\xFF\xFF")), 1);
}

TEST(ExifOrientation, AnyBytesAreSafe) {
  const Bytes jpeg = with_jpeg_exif(kNoJpeg, make_exif(6));
  const Bytes png = make_png({1, 1}, std::string(4, '\0'), png_chunk("eXIf", make_exif(6)));
  const Bytes webp = with_webp_exif(webp_file(webp_chunk("VP8L", "....")), 1, 1, make_exif(6));
  for (const auto& [format, file] :
       {std::pair{ImageFormat::kJpeg, jpeg}, std::pair{ImageFormat::kPng, png}, std::pair{ImageFormat::kWebp, webp}}) {
    for (std::size_t at = 0; at < file.size(); ++at) {
      for (const int value : {0x00, 0x01, 0x7F, 0x80, 0xFF}) {
        Bytes damaged = file;
        damaged[at] = static_cast<std::byte>(value);
        const int orientation = exif_orientation(format, damaged);
        EXPECT_TRUE(orientation >= 1 && orientation <= 8) << at;
      }
      const ByteView part = ByteView(file).first(at);
      const int orientation = exif_orientation(format, part);
      EXPECT_TRUE(orientation == 1 || orientation == 6) << at;
    }
  }
}

}  // namespace
}  // namespace facepipe::image
