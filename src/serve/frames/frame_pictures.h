// Small pictures of frames: the last of each camera for a live page, and those that are to be kept.
#pragma once

#include <cstddef>

#include "base/result.h"
#include "faces/face_store.h"
#include "serve/frames/last_frames.h"
#include "stage/detection/frame_watcher.h"

namespace facepipe::serve {

// Thread-safe. What it is given outlives it.
class FramePictures final : public stage::FrameWatcher {
 public:
  // `store`: keeps every frame with a face where its retention says so; null: none is kept.
  FramePictures(LastFrames& last, faces::FaceStore* store) : last_(last), store_(store) {}
  // Errors: the store's.
  Status see(const stage::FrameInfo& frame, image::RgbView pixels, std::size_t faces) override;

 private:
  LastFrames& last_;
  faces::FaceStore* store_;
};

}  // namespace facepipe::serve
