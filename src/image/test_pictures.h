// Pictures and files that tests make themselves. Test code only.
#pragma once

#include <array>
#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "image/image.h"

namespace facepipe::image::testing {

// A picture in which neighbours differ sharply: red (37x + 101y), green (5x^2 + 53y), blue (11xy + 17), modulo 256.
inline RgbImage make_pattern(int width, int height) {
  RgbImage picture(width, height);
  for (int y = 0; y < height; ++y) {
    std::uint8_t* out = picture.row(y);
    for (int x = 0; x < width; ++x) {
      *out++ = static_cast<std::uint8_t>(x * 37 + y * 101);
      *out++ = static_cast<std::uint8_t>(x * x * 5 + y * 53);
      *out++ = static_cast<std::uint8_t>(x * y * 11 + 17);
    }
  }
  return picture;
}

// Every value of every pixel at random, the same for the same seed.
inline RgbImage random_picture(unsigned seed, int width, int height) {
  std::mt19937 random(seed);
  RgbImage picture(width, height);
  for (int y = 0; y < height; ++y) {
    for (int i = 0; i < width * 3; ++i) {
      picture.row(y)[i] = static_cast<std::uint8_t>(random() & 0xFFU);
    }
  }
  return picture;
}

inline std::string number(std::uint64_t value, int bytes, bool big_endian = true) {
  std::string text;
  for (int i = 0; i < bytes; ++i) {
    const int shift = 8 * (big_endian ? bytes - 1 - i : i);
    text += static_cast<char>((value >> static_cast<unsigned>(shift)) & 0xFFU);
  }
  return text;
}

inline Bytes bytes_of(std::string_view text) {
  return to_bytes(as_bytes(text));
}

inline std::string text_of(ByteView bytes) {
  return std::string(as_text(bytes));
}

// CRC-32 of PNG (ISO/IEC 15948, annex D).
inline std::uint32_t crc32(std::string_view text) {
  std::uint32_t crc = 0xFFFFFFFFU;
  for (const char c : text) {
    crc ^= static_cast<unsigned char>(c);
    for (int bit = 0; bit < 8; ++bit) {
      crc = (crc >> 1U) ^ ((crc & 1U) != 0 ? 0xEDB88320U : 0U);
    }
  }
  return ~crc;
}

inline std::string png_chunk(std::string_view type, std::string_view data) {
  const std::string body = std::string(type) + std::string(data);
  return number(data.size(), 4) + body + number(crc32(body), 4);
}

// A zlib stream (RFC 1950) of stored blocks.
inline std::string zlib_stored(std::string_view raw) {
  std::string stream = "\x78\x01";
  std::uint32_t a = 1;
  std::uint32_t b = 0;
  for (const char c : raw) {
    a = (a + static_cast<unsigned char>(c)) % 65521U;
    b = (b + a) % 65521U;
  }
  do {
    const std::string_view block = raw.substr(0, 65535);
    raw.remove_prefix(block.size());
    stream += raw.empty() ? '\1' : '\0';
    stream += number(block.size(), 2, false) + number(~block.size() & 0xFFFFU, 2, false) + std::string(block);
  } while (!raw.empty());
  return stream + number((std::uint64_t{b} << 16U) | a, 4);
}

constexpr std::string_view kPngSignature = "\x89PNG\r\n\x1A\n";

struct PngHeader {
  std::uint32_t width = 0;
  std::uint32_t height = 0;
  int bit_depth = 8;
  int color_type = 2;  // 0 grey, 2 RGB, 3 palette, 4 grey and alpha, 6 RGBA
  int interlace = 0;
};

inline std::string png_header(const PngHeader& header) {
  return std::string(kPngSignature) +
         png_chunk("IHDR", number(header.width, 4) + number(header.height, 4) +
                               number(static_cast<unsigned>(header.bit_depth), 1) +
                               number(static_cast<unsigned>(header.color_type), 1) + std::string(2, '\0') +
                               number(static_cast<unsigned>(header.interlace), 1));
}

// `scanlines` begin with their filter bytes; `extra` is whole chunks to stand before the picture's data.
inline Bytes make_png(const PngHeader& header, std::string_view scanlines, std::string_view extra = {}) {
  return bytes_of(png_header(header) + std::string(extra) + png_chunk("IDAT", zlib_stored(scanlines)) +
                  png_chunk("IEND", ""));
}

// A TIFF block whose only directory holds the orientation: as `type` (3 SHORT, 4 LONG).
inline std::string make_exif(std::uint32_t orientation, bool big_endian = false, int type = 3, std::uint32_t count = 1,
                             std::uint32_t tag = 0x0112) {
  const auto put = [big_endian](std::uint64_t value, int bytes) { return number(value, bytes, big_endian); };
  const std::string value = type == 3 ? put(orientation, 2) + std::string(2, '\0') : put(orientation, 4);
  return (big_endian ? "MM" : "II") + put(42, 2) + put(8, 4) + put(1, 2) + put(tag, 2) +
         put(static_cast<unsigned>(type), 2) + put(count, 4) + value + put(0, 4);
}

// `jpeg` with a segment after SOI: `marker` 0xE1 is APP1.
inline Bytes with_segment(ByteView jpeg, unsigned marker, std::string_view data) {
  const std::string text = text_of(jpeg);
  return bytes_of(text.substr(0, 2) + '\xFF' + number(marker, 1) + number(data.size() + 2, 2) + std::string(data) +
                  text.substr(2));
}

inline Bytes with_jpeg_exif(ByteView jpeg, std::string_view tiff) {
  return with_segment(jpeg, 0xE1, std::string("Exif\0\0", 6) + std::string(tiff));
}

inline std::string webp_chunk(std::string_view type, std::string_view data) {
  return std::string(type) + number(data.size(), 4, false) + std::string(data) + std::string(data.size() % 2, '\0');
}

inline Bytes webp_file(std::string_view chunks) {
  return bytes_of("RIFF" + number(chunks.size() + 4, 4, false) + "WEBP" + std::string(chunks));
}

// A simple WebP file's one chunk in the extended layout (VP8X), with an EXIF block.
inline Bytes with_webp_exif(ByteView webp, std::uint32_t width, std::uint32_t height, std::string_view exif) {
  constexpr char kHasExif = 0x08;
  return webp_file(
      webp_chunk("VP8X", kHasExif + std::string(3, '\0') + number(width - 1, 3, false) + number(height - 1, 3, false)) +
      text_of(webp).substr(12) + webp_chunk("EXIF", exif));
}

}  // namespace facepipe::image::testing
