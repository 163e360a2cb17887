// Tested by last_frames_test.cc.
#include "serve/frames/last_frames.h"

#include <algorithm>

#include "image/encode.h"
#include "image/resize.h"

namespace facepipe::serve {
namespace {

constexpr int kQuality = 80;

}  // namespace

Result<Bytes> small_picture(image::RgbView frame) {
  const int longer = std::max(frame.width, frame.height);
  if (longer <= kSmallSidePx) {
    return image::encode_jpeg(frame, kQuality, image::ChromaSampling::k420);
  }
  const auto scaled = [longer](int side) { return std::max(1, (side * kSmallSidePx + longer / 2) / longer); };
  const image::RgbImage small = image::resize_bilinear(frame, scaled(frame.width), scaled(frame.height));
  return image::encode_jpeg(small.view(), kQuality, image::ChromaSampling::k420);
}

bool LastFrames::wants(const std::string& camera) {
  const auto now = steady_();
  const std::lock_guard lock(mutex_);
  const auto found = cameras_.find(camera);
  if (found != cameras_.end()) {
    if (now - found->second.asked < kEvery) {
      return false;
    }
    found->second.asked = now;
    return true;
  }
  if (cameras_.size() >= kMaxCameras) {
    cameras_.erase(std::ranges::min_element(cameras_, {}, [](const auto& entry) { return entry.second.asked; }));
  }
  cameras_.emplace(camera, Entry{now, std::nullopt});
  return true;
}

void LastFrames::put(const std::string& camera, LastFrame frame) {
  const std::lock_guard lock(mutex_);
  if (const auto found = cameras_.find(camera); found != cameras_.end()) {
    found->second.frame = std::move(frame);
  }
}

std::optional<LastFrame> LastFrames::get(const std::string& camera) const {
  const std::lock_guard lock(mutex_);
  const auto found = cameras_.find(camera);
  return found == cameras_.end() ? std::nullopt : found->second.frame;
}

std::vector<std::string> LastFrames::cameras() const {
  std::vector<std::string> names;
  const std::lock_guard lock(mutex_);
  for (const auto& [name, entry] : cameras_) {
    if (entry.frame) {
      names.push_back(name);
    }
  }
  return names;
}

}  // namespace facepipe::serve
