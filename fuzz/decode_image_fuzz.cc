// Any bytes as a picture: probing and decoding answer with pixels or an error, and agree with each other.
#include <cstddef>
#include <cstdint>
#include <span>

#include "base/check.h"
#include "image/decode.h"

// The name and types are libFuzzer's.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {  // NOLINT
  using facepipe::image::DecodeOptions;
  const facepipe::ByteView encoded = std::as_bytes(std::span(data, size));
  // Small pictures: a fuzzer finds more in many of them than in a few big ones.
  DecodeOptions options;
  options.limits = {.max_bytes = std::size_t{1} << 20U, .max_pixels = 65'536, .max_side_px = 4'096};
  const auto info = probe_image(encoded, options.limits);
  const auto picture = decode_image(encoded, options);
  if (picture) {
    FACEPIPE_CHECK(info.has_value());
    const bool swaps_sides = info->exif_orientation >= 5;
    FACEPIPE_CHECK(picture->width() == (swaps_sides ? info->height : info->width));
    FACEPIPE_CHECK(picture->height() == (swaps_sides ? info->width : info->height));
  }
  return 0;
}
