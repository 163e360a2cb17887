// Tested by face_encoder_test.cc.
#include "stage/detection/face_encoder.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <utility>

#include "embed/crop.h"
#include "image/encode.h"

namespace facepipe::stage {
namespace {

// Qualities tried after the first, and the sides after the crop's own: below them a face holds too little to name.
constexpr std::array kLowerQualities = {85, 70};
constexpr std::array kSmallerSides = {384, 288, 216, 160, 112};

Result<bool> encode_at(image::RgbView pixels, int quality, std::size_t max_message_bytes, wire::FaceMessage& message) {
  FACEPIPE_ASSIGN(message.face, image::encode_jpeg(pixels, quality, image::ChromaSampling::k444));
  return wire::json_size(message) <= max_message_bytes;
}

// True once the message fits.
Result<bool> encode_at_falling_quality(image::RgbView pixels, const FaceEncoding& encoding,
                                       wire::FaceMessage& message) {
  FACEPIPE_ASSIGN(bool fits, encode_at(pixels, encoding.jpeg_quality, encoding.max_message_bytes, message));
  for (const int quality : kLowerQualities) {
    if (fits || quality >= encoding.jpeg_quality) {
      continue;
    }
    FACEPIPE_ASSIGN(fits, encode_at(pixels, quality, encoding.max_message_bytes, message));
  }
  return fits;
}

// False for a picture that had better be JPEG.
Result<bool> encode_lossless(image::RgbView pixels, const FaceEncoding& encoding, wire::FaceMessage& message) {
  if (std::int64_t{pixels.width} * pixels.height > encoding.lossless_pixels) {
    return false;
  }
  FACEPIPE_ASSIGN(message.face, image::encode_png(pixels, image::PngEffort::kFast));
  return message.face.size() <= encoding.lossless_bytes && wire::json_size(message) <= encoding.max_message_bytes;
}

Result<bool> encode_classic(image::RgbView frame, const image::Box& box, const FaceEncoding& encoding,
                            wire::FaceMessage& message) {
  FACEPIPE_ASSIGN(const model::Preprocessing classic, model::known_mode("classic"));
  const image::RgbImage crop = embed::make_crop(frame, box, classic);
  message.crop = std::string(wire::kCropClassic);
  return encode_at_falling_quality(crop.view(), encoding, message);
}

Result<bool> encode_source(image::RgbView frame, const detect::Face& face, const FaceEncoding& encoding,
                           wire::FaceMessage& message) {
  recognize::SourceCrop crop = recognize::cut_source_crop(frame, face.box, face.landmarks, encoding.source_crop);
  message.crop = std::string(wire::kCropSource);
  message.crop_box = crop.box;
  FACEPIPE_ASSIGN(bool fits, encode_lossless(crop.pixels.view(), encoding, message));
  if (fits) {
    return true;
  }
  FACEPIPE_ASSIGN(fits, encode_at_falling_quality(crop.pixels.view(), encoding, message));
  for (const int side : kSmallerSides) {
    if (fits || side >= std::max(crop.pixels.width(), crop.pixels.height())) {
      continue;
    }
    crop = recognize::shrink_source_crop(crop, side);
    message.crop_box = crop.box;
    FACEPIPE_ASSIGN(fits, encode_at_falling_quality(crop.pixels.view(), encoding, message));
  }
  return fits;
}

}  // namespace

Status encode_face(image::RgbView frame, const detect::Face& face, const FaceEncoding& encoding,
                   wire::FaceMessage& message) {
  if (!recognize::has_pixels(face.box, frame)) {
    return Error{ErrorCode::kInvalidArgument, "a face's box has no whole pixel inside the frame"};
  }
  const bool is_classic = encoding.crop == CropStyle::kClassic;
  FACEPIPE_ASSIGN(const bool fits, is_classic ? encode_classic(frame, face.box, encoding, message)
                                              : encode_source(frame, face, encoding, message));
  if (!fits) {
    return Error{ErrorCode::kTooLarge,
                 "no encoding of the face fits a message of " + std::to_string(encoding.max_message_bytes) + " bytes"};
  }
  return {};
}

}  // namespace facepipe::stage
