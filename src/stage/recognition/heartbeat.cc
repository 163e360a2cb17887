// Tested by heartbeat_test.cc.
#include "stage/recognition/heartbeat.h"

#include <algorithm>

namespace facepipe::stage {

Heartbeat::Heartbeat(FaceWork& work, const HeartbeatOptions& options, Counters& counters, Logger& logger)
    : work_(work),
      options_(options),
      counters_(counters),
      logger_(logger),
      state_("visibility of messages in work", logger),
      thread_([this] { run(); }) {}

Heartbeat::~Heartbeat() {
  const std::lock_guard lock(mutex_);
  stopping_ = true;
  changed_.notify_all();
}

void Heartbeat::add(std::span<const std::string> receipt_handles) {
  const TimePoint due = std::chrono::steady_clock::now() + options_.interval;
  const std::lock_guard lock(mutex_);
  for (const std::string& handle : receipt_handles) {
    due_[handle] = due;
  }
  changed_.notify_all();
}

void Heartbeat::remove(const std::string& receipt_handle) {
  std::unique_lock lock(mutex_);
  due_.erase(receipt_handle);
  changed_.wait(lock, [&] { return extending_ != receipt_handle; });
}

std::vector<std::string> Heartbeat::remove_all() {
  std::unique_lock lock(mutex_);
  std::vector<std::string> handles;
  handles.reserve(due_.size());
  for (const auto& [handle, due] : due_) {
    handles.push_back(handle);
  }
  due_.clear();
  changed_.wait(lock, [&] { return extending_.empty(); });
  return handles;
}

void Heartbeat::run() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    const auto next = std::min_element(due_.begin(), due_.end(),
                                       [](const auto& left, const auto& right) { return left.second < right.second; });
    if (next == due_.end()) {
      changed_.wait(lock);
    } else if (next->second > std::chrono::steady_clock::now()) {
      changed_.wait_until(lock, TimePoint(next->second));
    } else {
      extend(lock, std::string(next->first));
    }
  }
}

void Heartbeat::extend(std::unique_lock<std::mutex>& lock, const std::string& receipt_handle) {
  extending_ = receipt_handle;
  lock.unlock();
  const Status extended = work_.change_visibility(receipt_handle, options_.visibility);
  lock.lock();
  extending_.clear();
  changed_.notify_all();
  const auto entry = due_.find(receipt_handle);
  if (entry == due_.end()) {
    return;  // done in the meantime: whatever the queue said of it is of no interest
  }
  if (extended) {
    ++counters_.heartbeats;
    state_.succeeded();
    entry->second = std::chrono::steady_clock::now() + options_.interval;
    return;
  }
  const ErrorCode code = extended.error().code;
  if (code == ErrorCode::kNotFound || code == ErrorCode::kInvalidArgument) {
    logger_.log(LogLevel::kDebug, "receipt_lost", {{"error", std::string_view(extended.error().message)}});
    due_.erase(entry);
    return;
  }
  state_.failed(extended.error());
  entry->second = std::chrono::steady_clock::now() + options_.interval;
}

}  // namespace facepipe::stage
