// Telling formats apart, the limits, and the way through a codec. Tested by decode_test.cc.
#include "image/decode.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <utility>

#include "image/codec.h"
#include "image/orientation.h"

namespace facepipe::image {
namespace {

// A file signature: `magic` at `offset`.
struct Signature {
  std::size_t offset;
  std::string_view magic;
  std::string_view name;  // with its article
};

bool matches(std::string_view text, const Signature& signature) {
  return text.size() >= signature.offset && text.substr(signature.offset).starts_with(signature.magic);
}

using namespace std::string_view_literals;

// Formats that cameras, browsers and mistakes send, so that the error can name them. First match counts.
constexpr auto kOthers = std::to_array<Signature>({
    {1, "PNG"sv, "a PNG with a damaged signature (as after a transfer in text mode)"},
    {0, "GIF8"sv, "a GIF"},
    {0, "BM"sv, "a BMP"},
    {0, "II*\0"sv, "a TIFF"},
    {0, "MM\0*"sv, "a TIFF"},
    {4, "ftypavi"sv, "an AVIF"},
    {4, "ftyphei"sv, "a HEIF (HEIC)"},
    {4, "ftyphev"sv, "a HEIF (HEIC)"},
    {4, "ftypmif1"sv, "a HEIF"},
    {4, "ftypmsf1"sv, "a HEIF"},
    {4, "ftyp"sv, "an MP4 or QuickTime video"},
    {0, "\0\0\0\x0CjP  "sv, "a JPEG 2000"},
    {0, "\xFF\x4F\xFF\x51"sv, "a JPEG 2000"},
    {0, "\0\0\0\x0CJXL "sv, "a JPEG XL"},
    {0, "\xFF\x0A"sv, "a JPEG XL"},
    {0, "\0\0\x01\0"sv, "an ICO"},
    {0, "8BPS"sv, "a PSD"},
    {0, "%PDF"sv, "a PDF"},
    {0, "RIFF"sv, "a RIFF file that is no WebP"},
    {0, "\x1A\x45\xDF\xA3"sv, "a Matroska or WebM video"},
    {0, "PK\x03\x04"sv, "a ZIP archive"},
    {0, "\x1F\x8B"sv, "gzip data"},
    {0, "<svg"sv, "an SVG"},
    {0, "<?xml"sv, "an XML document"},
    {0, "<!"sv, "an HTML page"},
    {0, "<html"sv, "an HTML page"},
    {0, "<HTML"sv, "an HTML page"},
    {0, "{"sv, "JSON text"},
    {0, "data:"sv, "a data: URL"},
    {0, "/9j/"sv, "base64 text of a JPEG"},
    {0, "iVBORw0KGgo"sv, "base64 text of a PNG"},
    {0, "UklGR"sv, "base64 text of a WebP"},
});

bool is_pnm(std::string_view text) {  // P1..P7 and white space
  return text.size() >= 3 && text[0] == 'P' && text[1] >= '1' && text[1] <= '7' &&
         (text[2] == ' ' || text[2] == '\n' || text[2] == '\r' || text[2] == '\t');
}

Result<ImageFormat> check_format(ByteView encoded, const DecodeLimits& limits) {
  if (encoded.size() > limits.max_bytes) {
    return Error{ErrorCode::kTooLarge, "picture file of " + std::to_string(encoded.size()) + " bytes: the limit is " +
                                           std::to_string(limits.max_bytes) + " bytes"};
  }
  if (const auto format = picture_format(encoded)) {
    return *format;
  }
  return Error{ErrorCode::kUnsupported, "expected a JPEG, PNG or WebP picture, got " + describe_other(encoded)};
}

}  // namespace

// Pillow's test of a JPEG has the third byte too: the first marker after SOI.
std::optional<ImageFormat> picture_format(ByteView encoded) {
  const std::string_view text = as_text(encoded);
  if (text.starts_with("\xFF\xD8\xFF"sv)) {
    return ImageFormat::kJpeg;
  }
  if (text.starts_with("\x89PNG\r\n\x1A\n"sv)) {
    return ImageFormat::kPng;
  }
  if (text.starts_with("RIFF"sv) && text.size() >= 12 && text.substr(8).starts_with("WEBP"sv)) {
    return ImageFormat::kWebp;
  }
  return std::nullopt;
}

std::string describe_other(ByteView bytes) {
  const std::string_view text = as_text(bytes);
  if (text.empty()) {
    return "no bytes at all";
  }
  if (is_pnm(text)) {
    return "a PNM";
  }
  // Web pages and JSON often begin with an empty line.
  const std::string_view trimmed = text.substr(std::min(text.find_first_not_of(" \t\r\n"), text.size()));
  for (const Signature& signature : kOthers) {
    if (matches(text, signature) || matches(trimmed, signature)) {
      return std::string(signature.name);
    }
  }
  return std::to_string(text.size()) + " bytes of an unknown format";
}

std::string_view to_string(ImageFormat format) {
  switch (format) {
    case ImageFormat::kJpeg:
      return "JPEG";
    case ImageFormat::kPng:
      return "PNG";
    case ImageFormat::kWebp:
      return "WebP";
  }
  return "unknown";
}

PictureKind picture_kind(ByteView beginning) {
  if (picture_format(beginning)) {
    return PictureKind::kReadable;
  }
  constexpr auto kPictures =
      std::to_array<std::string_view>({"a PNG", "a GIF", "a BMP", "a TIFF", "an AVIF", "a HEIF", "a JPEG 2000",
                                       "a JPEG XL", "an ICO", "a PSD", "a PNM", "an SVG"});
  const std::string name = describe_other(beginning);
  const bool picture = std::any_of(kPictures.begin(), kPictures.end(),
                                   [&name](std::string_view known) { return name.starts_with(known); });
  return picture ? PictureKind::kOther : PictureKind::kNone;
}

Status check_size(ImageFormat format, std::int64_t width, std::int64_t height, const DecodeLimits& limits) {
  const std::string picture =
      std::string(to_string(format)) + " of " + std::to_string(width) + "x" + std::to_string(height) + " px";
  if (width < 1 || height < 1) {
    return Error{ErrorCode::kInvalidData, picture + ": the header gives an empty picture"};
  }
  if (width > limits.max_side_px || height > limits.max_side_px) {
    return Error{ErrorCode::kTooLarge, picture + ": the limit is " + std::to_string(limits.max_side_px) + " px a side"};
  }
  if (width * height > limits.max_pixels) {
    return Error{ErrorCode::kTooLarge, picture + ": the limit is " + std::to_string(limits.max_pixels) + " pixels"};
  }
  return {};
}

Result<ImageInfo> probe_image(ByteView encoded, const DecodeLimits& limits) {
  FACEPIPE_ASSIGN(const ImageFormat format, check_format(encoded, limits));
  auto info = [&]() -> Result<ImageInfo> {
    switch (format) {
      case ImageFormat::kJpeg:
        return probe_jpeg(encoded, limits);
      case ImageFormat::kPng:
        return probe_png(encoded, limits);
      case ImageFormat::kWebp:
        return probe_webp(encoded, limits);
    }
    return Error{ErrorCode::kInternal, "probe_image: unknown format"};
  }();
  if (info) {
    info->exif_orientation = exif_orientation(format, encoded);
  }
  return info;
}

std::size_t decode_memory(const ImageInfo& info, bool apply_exif_orientation) {
  constexpr std::size_t kFixed = std::size_t{1} << 20U;  // tables, windows, rows
  const std::size_t picture = static_cast<std::size_t>(info.width) * static_cast<std::size_t>(info.height) * 3;
  const std::size_t turned = apply_exif_orientation && info.exif_orientation > 1 ? picture : 0;
  return kFixed + picture + std::max(info.codec_bytes, turned);  // the codec is gone when the picture is turned
}

Result<RgbImage> decode_image(ByteView encoded, const DecodeOptions& options) {
  FACEPIPE_ASSIGN(const ImageFormat format, check_format(encoded, options.limits));
  auto stored = [&]() -> Result<RgbImage> {
    switch (format) {
      case ImageFormat::kJpeg:
        return decode_jpeg(encoded, options);
      case ImageFormat::kPng:
        return decode_png(encoded, options);
      case ImageFormat::kWebp:
        return decode_webp(encoded, options);
    }
    return Error{ErrorCode::kInternal, "decode_image: unknown format"};
  }();
  if (!stored || !options.apply_exif_orientation) {
    return stored;
  }
  return apply_orientation(std::move(stored).value(), exif_orientation(format, encoded));
}

}  // namespace facepipe::image
