// Keeps messages hidden for as long as somebody works on them.
#pragma once

#include <chrono>
#include <condition_variable>
#include <map>
#include <mutex>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "stage/recognition/counters.h"
#include "stage/recognition/face_work.h"
#include "stage/recognition/queue_state.h"

namespace facepipe::stage {

struct HeartbeatOptions {
  std::chrono::seconds visibility{60};         // how long each extension hides a message
  std::chrono::milliseconds interval{20'000};  // between extensions: a third leaves two more tries if one fails
};

// A thread that extends the visibility time-out of every receipt it was told of, until it is told that the receipt is
// done. A receipt that the queue does not know any more is dropped: the message is somebody else's by then.
// Thread-safe; everything passed in outlives it.
class Heartbeat {
 public:
  Heartbeat(FaceWork& work, const HeartbeatOptions& options, Counters& counters, Logger& logger);
  Heartbeat(const Heartbeat&) = delete;
  Heartbeat& operator=(const Heartbeat&) = delete;
  ~Heartbeat();

  // Just received: hidden for `visibility` from now.
  void add(std::span<const std::string> receipt_handles);
  // After it returns no extension of the receipt is under way, nor will be.
  void remove(const std::string& receipt_handle);
  // The same for all, and returns them.
  [[nodiscard]] std::vector<std::string> remove_all();

 private:
  using TimePoint = std::chrono::steady_clock::time_point;
  void run();
  void extend(std::unique_lock<std::mutex>& lock, const std::string& receipt_handle);

  FaceWork& work_;
  const HeartbeatOptions options_;
  Counters& counters_;
  Logger& logger_;
  QueueState state_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<std::string, TimePoint> due_;  // by receipt handle
  std::string extending_;                 // the receipt of the call under way; empty: none
  bool stopping_ = false;
  std::jthread thread_;  // last: starts when all else is there
};

}  // namespace facepipe::stage
