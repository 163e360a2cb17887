// The share of the work memory that one frame holds, from its body to its messages.
#pragma once

#include <chrono>
#include <cstddef>
#include <stop_token>
#include <string_view>
#include <utility>
#include <vector>

#include "base/memory_budget.h"
#include "base/result.h"
#include "detect/detector.h"
#include "image/decode.h"

namespace facepipe::stage {

// Not thread-safe: one for each frame under way. Without a WorkMemory everything is granted.
class FrameMemory {
 public:
  FrameMemory() : FrameMemory(nullptr, {}, {}) {}
  // `memory` may be null, and outlives it. A share is waited for so long, or until `stop`.
  FrameMemory(WorkMemory* memory, std::chrono::milliseconds patience, std::stop_token stop)
      : memory_(memory), patience_(patience), stop_(std::move(stop)) {}

  // In place of what it holds. kTooLarge for what could never fit; kExhausted: not now.
  [[nodiscard]] Status take(std::string_view what, std::size_t bytes);
  // For decoding the picture, detecting in it, and the messages of a few faces.
  [[nodiscard]] Status take_for(const image::ImageInfo& picture, bool apply_exif_orientation,
                                const detect::Detector& detector);
  // One message more is kept. kExhausted when the messages are too large for the memory that is left.
  [[nodiscard]] Status add_message(std::size_t bytes);
  void release();

 private:
  WorkMemory* memory_;
  std::chrono::milliseconds patience_;
  std::stop_token stop_;
  MemoryShare share_;
  std::size_t messages_ = 0;       // bytes
  std::size_t messages_room_ = 0;  // of the shares
  std::vector<MemoryShare> more_;
};

}  // namespace facepipe::stage
