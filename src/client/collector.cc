// Tested by collector_test.cc.
#include "client/collector.h"

#include <algorithm>

namespace facepipe::client {

Collector::Collector(std::vector<FrameReport> frames) {
  frames_.reserve(frames.size());
  for (FrameReport& report : frames) {
    by_request_id_.emplace(report.request_id, frames_.size());
    frames_.push_back({std::move(report), {}, false, false, false});
  }
}

void Collector::started(std::size_t frame, TimePoint now) {
  const std::lock_guard lock(mutex_);
  frames_[frame].started_at = now;
}

void Collector::accepted(std::size_t frame, bool no_face, TimePoint now) {
  const std::lock_guard lock(mutex_);
  Waiting& waiting = frames_[frame];
  waiting.no_face = no_face;
  if (no_face && !waiting.settled) {
    settle(waiting, FrameStatus::kAnswered, now);
  }
}

void Collector::refused(std::size_t frame, std::string error, TimePoint now) {
  const std::lock_guard lock(mutex_);
  Waiting& waiting = frames_[frame];
  if (!waiting.settled) {
    waiting.report.error = std::move(error);
    settle(waiting, FrameStatus::kRefused, now);
  }
}

bool Collector::answered(const wire::Answer& answer, TimePoint now) {
  const std::lock_guard lock(mutex_);
  const auto found = by_request_id_.find(answer.request_id);
  if (found == by_request_id_.end()) {
    return false;
  }
  Waiting& waiting = frames_[found->second];
  if (answer.result == wire::kNoFace) {
    waiting.no_face_message = true;
    if (!waiting.settled) {
      settle(waiting, FrameStatus::kAnswered, now);
    }
    return true;
  }
  std::vector<FaceReport>& faces = waiting.report.faces;
  const auto place = std::lower_bound(faces.begin(), faces.end(), answer.face_index,
                                      [](const FaceReport& face, int index) { return face.index < index; });
  if (waiting.settled || (place != faces.end() && place->index == answer.face_index)) {
    return true;  // a duplicate
  }
  faces.insert(place, {answer.face_index, answer.result, answer.error, answer.distance, answer.box});
  if (faces.size() >= static_cast<std::size_t>(std::max(1, answer.face_count))) {
    settle(waiting, FrameStatus::kAnswered, now);
  }
  return true;
}

std::size_t Collector::settled() const {
  const std::lock_guard lock(mutex_);
  return settled_;
}

bool Collector::complete() const {
  const std::lock_guard lock(mutex_);
  return settled_ == frames_.size();
}

void Collector::wait_until(TimePoint deadline) const {
  std::unique_lock lock(mutex_);
  changed_.wait_until(lock, deadline, [this] { return settled_ == frames_.size(); });
}

std::size_t Collector::awaiting_no_face_message() const {
  const std::lock_guard lock(mutex_);
  return static_cast<std::size_t>(std::count_if(frames_.begin(), frames_.end(), [](const Waiting& waiting) {
    return waiting.no_face && !waiting.no_face_message;
  }));
}

std::vector<FrameReport> Collector::reports() const {
  const std::lock_guard lock(mutex_);
  std::vector<FrameReport> reports;
  reports.reserve(frames_.size());
  for (const Waiting& waiting : frames_) {
    reports.push_back(waiting.report);
  }
  return reports;
}

void Collector::settle(Waiting& waiting, FrameStatus status, TimePoint now) {
  waiting.settled = true;
  waiting.report.status = status;
  waiting.report.milliseconds = std::chrono::duration<double, std::milli>(now - waiting.started_at).count();
  ++settled_;
  changed_.notify_all();
}

}  // namespace facepipe::client
