// Tested by frame_memory_test.cc.
#include "stage/detection/frame_memory.h"

#include <algorithm>
#include <string>

namespace facepipe::stage {
namespace {

// Room for messages is taken in such pieces: the first with the frame, which is enough for a hundred small faces.
constexpr std::size_t kMessagesPiece = std::size_t{8} << 20U;
// One crop while it is encoded: its pixels, the picture half shrunk (at most 512 px one way), JPEG, base64 and JSON.
constexpr std::size_t kCrop = std::size_t{6} << 20U;
constexpr std::size_t kCropColumns = 512 * 3;

}  // namespace

Status FrameMemory::take(std::string_view what, std::size_t bytes) {
  release();
  if (memory_ != nullptr) {
    FACEPIPE_ASSIGN(share_, memory_->take(bytes, what, patience_, stop_));
  }
  return {};
}

Status FrameMemory::take_for(const image::ImageInfo& picture, bool apply_exif_orientation,
                             const detect::Detector& detector) {
  const auto width = static_cast<std::size_t>(picture.width);
  const auto height = static_cast<std::size_t>(picture.height);
  // The codec is gone when detection begins, and the detector's memory when crops are made.
  const std::size_t crop = kCrop + std::max(width, height) * kCropColumns;
  const int longer = std::max(picture.width, picture.height);  // the picture may be turned
  const std::size_t detection = detector.memory(longer, std::min(picture.width, picture.height));
  const std::size_t peak = std::max(image::decode_memory(picture, apply_exif_orientation),
                                    width * height * 3 + std::max(detection, crop) + kMessagesPiece);
  FACEPIPE_TRY(take(std::string(to_string(picture.format)) + " of " + std::to_string(picture.width) + "x" +
                        std::to_string(picture.height) + " px",
                    peak));
  messages_room_ = kMessagesPiece;
  return {};
}

Status FrameMemory::add_message(std::size_t bytes) {
  messages_ += bytes;
  while (memory_ != nullptr && messages_ > messages_room_) {
    auto piece = memory_->try_take(kMessagesPiece);
    if (!piece) {
      return Error{ErrorCode::kExhausted, "no memory for the frame's faces now (--max-work-memory); try again"};
    }
    more_.push_back(*std::move(piece));
    messages_room_ += kMessagesPiece;
  }
  return {};
}

void FrameMemory::release() {
  share_.release();
  more_.clear();
  messages_ = 0;
  messages_room_ = 0;
}

}  // namespace facepipe::stage
