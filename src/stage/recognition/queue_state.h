// Whether a queue can be reached, logged when that changes and not at every try.
#pragma once

#include <mutex>
#include <string>
#include <string_view>
#include <utility>

#include "base/log.h"
#include "base/result.h"

namespace facepipe::stage {

// Thread-safe. The logger outlives it.
class QueueState {
 public:
  // `what` names the queue or the call in the log.
  QueueState(std::string_view what, Logger& logger) : what_(what), logger_(logger) {}
  // "queue_away", a warning with the error: only if the last word was success.
  void failed(const Error& error) {
    const std::lock_guard lock(mutex_);
    if (!std::exchange(away_, true)) {
      logger_.warning("queue_away", {{"queue", std::string_view(what_)},
                                     {"code", to_string(error.code)},
                                     {"error", std::string_view(error.message)}});
    }
  }
  // "queue_back": only after a failure.
  void succeeded() {
    const std::lock_guard lock(mutex_);
    if (std::exchange(away_, false)) {
      logger_.info("queue_back", {{"queue", std::string_view(what_)}});
    }
  }

 private:
  const std::string what_;
  Logger& logger_;
  std::mutex mutex_;
  bool away_ = false;
};

}  // namespace facepipe::stage
