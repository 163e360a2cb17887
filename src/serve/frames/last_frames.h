// The last frame of each camera as a small picture, in memory alone: what a live page shows.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/result.h"
#include "image/image.h"

namespace facepipe::serve {

struct LastFrame {
  std::shared_ptr<const Bytes> jpeg;  // shared with whoever sends it
  Clock::TimePoint time{};            // of the frame
  int width = 0;                      // of the frame itself; boxes are in its pixels
  int height = 0;
  std::size_t faces = 0;
};

// A small picture of a frame: its longer side at most kSmallSidePx, JPEG. Errors: encode_jpeg's.
inline constexpr int kSmallSidePx = 640;
[[nodiscard]] Result<Bytes> small_picture(image::RgbView frame);

// Thread-safe. At most kMaxCameras; of more the one longest without a frame is forgotten. A new picture is made once in
// kEvery of a camera, so that its cost does not depend on the rate of frames.
class LastFrames {
 public:
  static constexpr std::size_t kMaxCameras = 256;
  static constexpr std::chrono::milliseconds kEvery{1'000};
  using Steady = std::function<std::chrono::steady_clock::time_point()>;

  explicit LastFrames(Steady steady = std::chrono::steady_clock::now) : steady_(std::move(steady)) {}

  // Whether a picture of this camera would be taken now; whoever is told so makes it, the others are told no meanwhile.
  [[nodiscard]] bool wants(const std::string& camera);
  void put(const std::string& camera, LastFrame frame);
  [[nodiscard]] std::optional<LastFrame> get(const std::string& camera) const;
  [[nodiscard]] std::vector<std::string> cameras() const;  // sorted

 private:
  struct Entry {
    std::chrono::steady_clock::time_point asked;
    std::optional<LastFrame> frame;
  };
  Steady steady_;
  mutable std::mutex mutex_;
  std::map<std::string, Entry> cameras_;
};

}  // namespace facepipe::serve
