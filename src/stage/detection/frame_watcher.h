// The port of the detection stage to whoever wants to see its frames.
#pragma once

#include <cstddef>

#include "base/result.h"
#include "image/image.h"
#include "stage/detection/frame.h"

namespace facepipe::stage {

// Thread-safe.
class FrameWatcher {
 public:
  virtual ~FrameWatcher() = default;
  // A frame and the number of its faces, before anything of it is stored. After an error nothing is, and the frame may
  // come again.
  [[nodiscard]] virtual Status see(const FrameInfo& frame, image::RgbView pixels, std::size_t faces) = 0;
};

}  // namespace facepipe::stage
