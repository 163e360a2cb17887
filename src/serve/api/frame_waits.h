// Those who wait for the faces of a frame that they sent.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <list>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "faces/face_store.h"

namespace facepipe::serve {

struct FrameWait {
  std::string request_id;
  std::size_t faces = 0;                 // that are expected, at least 1
  std::optional<Clock::TimePoint> from;  // faces of frames before are others'
  std::chrono::steady_clock::time_point until;
  // Called once, on a thread of the waits: those that are kept, by index; fewer than expected when the time is over.
  std::function<void(std::vector<faces::FaceRecord> faces)> done;
};

// Thread-safe. The store outlives it. Holds no thread for each: one looks for all, at each commit and every kLook.
// Destruction ends every wait with what there is.
class FrameWaits {
 public:
  static constexpr std::size_t kMaxWaits = 256;
  static constexpr std::chrono::milliseconds kLook{50};

  explicit FrameWaits(faces::FaceStore& store);
  FrameWaits(const FrameWaits&) = delete;
  FrameWaits& operator=(const FrameWaits&) = delete;
  ~FrameWaits();

  // False, and nothing is called: kMaxWaits wait already, or they have ended.
  [[nodiscard]] bool add(FrameWait wait);
  // Ends every wait with what there is, soon; no more are taken. Returns at once. Idempotent.
  void end();

 private:
  void run(const std::stop_token& stop);
  [[nodiscard]] bool is_over(FrameWait& wait, bool now);

  faces::FaceStore& store_;
  int listener_ = 0;
  std::mutex mutex_;  // guards what follows
  std::condition_variable_any changed_;
  bool committed_ = false;
  std::list<FrameWait> waits_;
  std::size_t count_ = 0;  // with those that are being looked at
  bool ended_ = false;
  std::jthread thread_;  // last: started when everything above is ready
};

}  // namespace facepipe::serve
