// The codecs behind decode.h, one .cc each, and what they share. Internal to this module.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"
#include "image/decode.h"
#include "image/image.h"

namespace facepipe::image {

// kTooLarge naming the limit that width x height breaks; kInvalidData if a side is not positive.
[[nodiscard]] Status check_size(ImageFormat format, std::int64_t width, std::int64_t height,
                                const DecodeLimits& limits);

// The size in the header, checked against `limits`; `encoded` begins with the format's signature. exif_orientation is
// left at 1: decode.cc adds it. Errors as decode_image.
[[nodiscard]] Result<ImageInfo> probe_jpeg(ByteView encoded, const DecodeLimits& limits);
[[nodiscard]] Result<ImageInfo> probe_png(ByteView encoded, const DecodeLimits& limits);
[[nodiscard]] Result<ImageInfo> probe_webp(ByteView encoded, const DecodeLimits& limits);

// The picture as stored, before orientation. Errors as decode_image.
[[nodiscard]] Result<RgbImage> decode_jpeg(ByteView encoded, const DecodeOptions& options);
[[nodiscard]] Result<RgbImage> decode_png(ByteView encoded, const DecodeOptions& options);
[[nodiscard]] Result<RgbImage> decode_webp(ByteView encoded, const DecodeOptions& options);

inline constexpr std::string_view kDecodingWork = "decoding the picture";  // of WorkLimit's errors
constexpr int kRowsBetweenLooks = 16;                                      // at the limit

}  // namespace facepipe::image
