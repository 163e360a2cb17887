// Tested by frame_waits_test.cc and tests/e2e/test_api.py.
#include "serve/api/frame_waits.h"

#include <algorithm>

namespace facepipe::serve {

FrameWaits::FrameWaits(faces::FaceStore& store) : store_(store) {
  listener_ = store_.add_listener([this](faces::EventId) {
    const std::lock_guard lock(mutex_);
    committed_ = true;
    changed_.notify_one();
  });
  thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
}

FrameWaits::~FrameWaits() {
  store_.remove_listener(listener_);
  end();
  thread_.join();
}

void FrameWaits::end() {
  {
    const std::lock_guard lock(mutex_);
    ended_ = true;
  }
  thread_.request_stop();
}

bool FrameWaits::add(FrameWait wait) {
  const std::lock_guard lock(mutex_);
  if (ended_ || count_ >= kMaxWaits) {
    return false;
  }
  ++count_;
  waits_.push_back(std::move(wait));
  committed_ = true;  // it may be there already
  changed_.notify_one();
  return true;
}

void FrameWaits::run(const std::stop_token& stop) {
  bool last = false;
  while (!last) {
    last = stop.stop_requested();
    std::list<FrameWait> looked_at;
    {
      std::unique_lock lock(mutex_);
      if (waits_.empty()) {
        changed_.wait(lock, stop, [this] { return committed_ && !waits_.empty(); });
      } else {
        changed_.wait_for(lock, stop, kLook, [this] { return committed_; });
      }
      committed_ = false;
      looked_at.swap(waits_);
    }
    const std::size_t before = looked_at.size();
    looked_at.remove_if([this, last](FrameWait& wait) { return is_over(wait, last); });
    const std::lock_guard lock(mutex_);
    count_ -= before - looked_at.size();
    waits_.splice(waits_.begin(), looked_at);
  }
}

bool FrameWaits::is_over(FrameWait& wait, bool now) {
  faces::FaceFilter filter;
  filter.request_id = wait.request_id;
  filter.from = wait.from;
  const auto found = store_.faces(filter, {.limit = std::min(wait.faces, faces::kMaxPage), .after = {}});
  std::vector<faces::FaceRecord> kept = found ? found->records : std::vector<faces::FaceRecord>();
  if (kept.size() < wait.faces && !now && std::chrono::steady_clock::now() < wait.until) {
    return false;
  }
  std::sort(kept.begin(), kept.end(), [](const auto& a, const auto& b) { return a.face_index < b.face_index; });
  wait.done(std::move(kept));
  return true;
}

}  // namespace facepipe::serve
