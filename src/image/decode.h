// Encoded pictures to RGB pixels: JPEG, PNG and WebP, told apart by their first bytes, never by a name.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"
#include "base/work_limit.h"
#include "image/image.h"

namespace facepipe::image {

enum class ImageFormat { kJpeg, kPng, kWebp };
[[nodiscard]] std::string_view to_string(ImageFormat format);  // "JPEG", "PNG", "WebP"

// What the first bytes say; nullopt: no picture of these kinds. Nothing behind the signature is looked at.
[[nodiscard]] std::optional<ImageFormat> picture_format(ByteView encoded);
// What other bytes are, for messages: "a GIF", "base64 text of a JPEG", "7 bytes of an unknown format".
[[nodiscard]] std::string describe_other(ByteView bytes);

// Checked against the header before any pixel memory is allocated.
struct DecodeLimits {
  std::size_t max_bytes = std::size_t{32} << 20U;
  std::int64_t max_pixels = 50'000'000;  // a 48 MP phone photograph passes; 150 MB of RGB at most
  int max_side_px = 16'384;
};

struct DecodeOptions {
  // Turn the picture upright by its EXIF orientation. facenet-pytorch does not: off = its pixels.
  bool apply_exif_orientation = true;
  DecodeLimits limits;
  WorkLimit work = {};  // looked at every few rows; a WebP's pixels are decoded in one piece
};

struct ImageInfo {
  ImageFormat format = ImageFormat::kJpeg;
  int width = 0;  // as stored, before orientation
  int height = 0;
  int exif_orientation = 1;  // 1..8; 1 if absent or malformed
  // An upper bound on what the codec holds while it decodes, besides the picture: coefficients of all blocks for a
  // progressive JPEG, a second picture for a lossless WebP.
  std::size_t codec_bytes = 0;
};

// What bytes are by their beginning, of which 64 are enough: a picture that decode_image takes up, one of another
// format (GIF, HEIC, ...), or no picture.
enum class PictureKind { kReadable, kOther, kNone };
[[nodiscard]] PictureKind picture_kind(ByteView beginning);
// An upper bound on the memory that decode_image holds at any time, the picture that it gives included; with
// `apply_exif_orientation` the second picture of turning it.
[[nodiscard]] std::size_t decode_memory(const ImageInfo& info, bool apply_exif_orientation);

// Reads the header alone. Errors as decode_image.
[[nodiscard]] Result<ImageInfo> probe_image(ByteView encoded, const DecodeLimits& limits = {});

// The whole picture, pixel-identical with Pillow's Image.open(...).convert('RGB') for 8-bit JPEG (grey, YCbCr, RGB,
// CMYK, YCCK), PNG (alpha dropped, palette and 1..16-bit samples expanded, interlaced) and the first frame of WebP.
// Errors: kUnsupported (empty, or another format: the message names what it looks like, "GIF"), kInvalidData
// (truncated or corrupt), kTooLarge (the limit is named), those of options.work. Thread-safe, no global state.
[[nodiscard]] Result<RgbImage> decode_image(ByteView encoded, const DecodeOptions& options = {});

}  // namespace facepipe::image
