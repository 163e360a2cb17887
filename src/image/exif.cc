// Finding the EXIF block of a JPEG, PNG or WebP file and the orientation in it (EXIF 2.32; TIFF 6.0 for the layout).
// Reads only what it has checked to be there; every step moves forward. Tested by exif_test.cc.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "image/orientation.h"

namespace facepipe::image {
namespace {

constexpr std::string_view kExifPrefix{"Exif\0\0", 6};

// Unsigned integers at an offset; 0 bytes past the end are never read.
class Reader {
 public:
  Reader(ByteView bytes, bool big_endian) : bytes_(bytes), big_endian_(big_endian) {}

  [[nodiscard]] std::optional<std::uint32_t> u16(std::size_t offset) const { return read(offset, 2); }
  [[nodiscard]] std::optional<std::uint32_t> u32(std::size_t offset) const { return read(offset, 4); }

 private:
  [[nodiscard]] std::optional<std::uint32_t> read(std::size_t offset, std::size_t size) const {
    if (offset > bytes_.size() || bytes_.size() - offset < size) {
      return std::nullopt;
    }
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < size; ++i) {
      const std::size_t at = big_endian_ ? i : size - 1 - i;
      value = (value << 8U) | std::to_integer<std::uint32_t>(bytes_[offset + at]);
    }
    return value;
  }

  ByteView bytes_;
  bool big_endian_;
};

bool starts_with(ByteView bytes, std::string_view prefix) {
  return as_text(bytes).starts_with(prefix);
}

// `size` bytes from `offset`, or as many as there are.
ByteView part(ByteView bytes, std::size_t offset, std::size_t size) {
  const ByteView rest = bytes.subspan(std::min(offset, bytes.size()));
  return rest.first(std::min(size, rest.size()));
}

// The orientation in IFD 0 of a TIFF block. Like Pillow: one SHORT or LONG from 1 to 8, else 1.
int orientation_in_tiff(ByteView tiff) {
  const bool big_endian = starts_with(tiff, std::string_view("MM\0*", 4));
  if (!big_endian && !starts_with(tiff, std::string_view("II*\0", 4))) {
    return 1;
  }
  const Reader reader(tiff, big_endian);
  const std::size_t directory = reader.u32(4).value_or(0);
  const std::uint32_t entries = reader.u16(directory).value_or(0);
  constexpr std::uint32_t kOrientationTag = 0x0112;
  constexpr std::uint32_t kShort = 3;
  constexpr std::uint32_t kLong = 4;
  for (std::uint32_t i = 0; i < entries; ++i) {
    const std::size_t entry = directory + 2 + std::size_t{12} * i;
    const auto tag = reader.u16(entry);
    if (!tag) {
      return 1;  // the directory claims more entries than there are
    }
    if (*tag != kOrientationTag) {
      continue;
    }
    const std::uint32_t type = reader.u16(entry + 2).value_or(0);
    const std::uint32_t count = reader.u32(entry + 4).value_or(0);
    const std::uint32_t value = (type == kShort  ? reader.u16(entry + 8)
                                 : type == kLong ? reader.u32(entry + 8)
                                                 : std::nullopt)
                                    .value_or(0);
    return count == 1 && value >= 1 && value <= 8 ? static_cast<int>(value) : 1;
  }
  return 1;
}

// The first APP1 segment that holds EXIF. Bytes between segments are skipped up to the next marker, as decoders do.
ByteView exif_of_jpeg(ByteView encoded) {
  const Reader reader(encoded, true);
  std::size_t at = 2;  // after SOI
  while (at + 4 <= encoded.size()) {
    const auto lead = std::to_integer<unsigned>(encoded[at]);
    const auto marker = std::to_integer<unsigned>(encoded[at + 1]);
    if (lead != 0xFFU || marker == 0xFFU || marker == 0U) {
      ++at;
      continue;
    }
    if (marker == 0xDAU || marker == 0xD9U) {  // the first scan, or the end
      return {};
    }
    if (marker == 0x01U || (marker >= 0xD0U && marker <= 0xD8U)) {  // markers without a segment
      at += 2;
      continue;
    }
    const std::size_t length = reader.u16(at + 2).value_or(0);
    if (length < 2) {
      return {};
    }
    const ByteView segment = part(encoded, at + 4, length - 2);
    if (marker == 0xE1U && starts_with(segment, kExifPrefix)) {
      return segment.subspan(kExifPrefix.size());
    }
    at += 2 + length;
  }
  return {};
}

ByteView exif_of_png(ByteView encoded) {
  const Reader reader(encoded, true);
  std::size_t at = 8;  // after the signature
  while (const auto length = reader.u32(at)) {
    if (starts_with(part(encoded, at + 4, 4), "eXIf")) {
      return part(encoded, at + 8, *length);
    }
    at += std::size_t{12} + *length;  // length, type, data, checksum
  }
  return {};
}

ByteView exif_of_webp(ByteView encoded) {
  const Reader reader(encoded, false);
  std::size_t at = 12;  // after "RIFF", the size and "WEBP"
  while (const auto length = reader.u32(at + 4)) {
    if (starts_with(part(encoded, at, 4), "EXIF")) {
      // Some writers put JPEG's prefix before the block.
      const ByteView block = part(encoded, at + 8, *length);
      return starts_with(block, kExifPrefix) ? block.subspan(kExifPrefix.size()) : block;
    }
    at += std::size_t{8} + *length + (*length & 1U);  // chunks are padded to even sizes
  }
  return {};
}

}  // namespace

int exif_orientation(ImageFormat format, ByteView encoded) {
  switch (format) {
    case ImageFormat::kJpeg:
      return orientation_in_tiff(exif_of_jpeg(encoded));
    case ImageFormat::kPng:
      return orientation_in_tiff(exif_of_png(encoded));
    case ImageFormat::kWebp:
      return orientation_in_tiff(exif_of_webp(encoded));
  }
  return 1;
}

}  // namespace facepipe::image
