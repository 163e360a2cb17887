// From a detected face to its message: the crop, encoded so that the message fits the queue.
#pragma once

#include <cstddef>

#include "base/result.h"
#include "detect/face.h"
#include "image/image.h"
#include "recognize/probe.h"
#include "wire/messages.h"

namespace facepipe::stage {

enum class CropStyle {
  kSource,   // a cut-out of the frame: any recogniser mode works
  kClassic,  // the original's 240x240 stretched crop, for a Python recogniser
};

struct FaceEncoding {
  CropStyle crop = CropStyle::kSource;
  int jpeg_quality = 95;                      // of the first try, 1..100, 4:4:4
  std::size_t max_message_bytes = 1'048'576;  // of the JSON text; SQS's limit
  recognize::SourceCropOptions source_crop;
  // A source crop of at most so many pixels is PNG, as long as that has at most so many bytes: JPEG moves a small
  // face's embedding (a side of 80 px: cosine 0.984, 256 px: 0.9997). 0: always JPEG.
  int lossless_pixels = 65'536;
  std::size_t lossless_bytes = 131'072;
};

// Fills the picture of `message` (face, crop, crop_box) for `face` of `frame`. A message past the limit is encoded
// again: from PNG to JPEG, at falling qualities, then, for a source crop, at falling sizes. kTooLarge if nothing fits,
// naming the limit; kInvalidArgument for a box without a whole pixel inside the frame (recognize::has_pixels).
[[nodiscard]] Status encode_face(image::RgbView frame, const detect::Face& face, const FaceEncoding& encoding,
                                 wire::FaceMessage& message);

}  // namespace facepipe::stage
