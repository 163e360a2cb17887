// Tested by last_frames_test.cc.
#include "serve/frames/frame_pictures.h"

#include <utility>

namespace facepipe::serve {

Status FramePictures::see(const stage::FrameInfo& frame, image::RgbView pixels, std::size_t faces) {
  const std::string& camera = frame.camera_name;
  const bool for_page = !camera.empty() && last_.wants(camera);
  const bool for_store = store_ != nullptr && faces > 0 && store_->retention().frames != std::chrono::seconds{0};
  if (!for_page && !for_store) {
    return {};
  }
  FACEPIPE_ASSIGN(Bytes jpeg, small_picture(pixels));
  if (for_store) {
    faces::Batch batch;
    batch.frames.push_back({frame.request_id, camera, frame.time, pixels.width, pixels.height, jpeg});
    FACEPIPE_TRY(store_->write(batch));
  }
  if (for_page) {
    last_.put(camera, {std::make_shared<const Bytes>(std::move(jpeg)), frame.time, pixels.width, pixels.height, faces});
  }
  return {};
}

}  // namespace facepipe::serve
