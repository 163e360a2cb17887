// Tested by recognition_loop_test.cc.
#include "stage/recognition/queue_state.h"

namespace facepipe::stage {

void QueueState::failed(const Error& error) {
  const std::lock_guard lock(mutex_);
  if (!away_) {
    away_ = true;
    logger_.warning("queue_away", {{"queue", std::string_view(what_)},
                                   {"code", to_string(error.code)},
                                   {"error", std::string_view(error.message)}});
  }
}

void QueueState::succeeded() {
  const std::lock_guard lock(mutex_);
  if (away_) {
    away_ = false;
    logger_.info("queue_back", {{"queue", std::string_view(what_)}});
  }
}

}  // namespace facepipe::stage
