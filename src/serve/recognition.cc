// Tested end to end by tests/e2e.
#include <chrono>

#include "serve/services.h"

namespace facepipe::serve {
namespace {

// How long a worker's receive waits: the bound on noticing a stop request.
constexpr std::chrono::seconds kReceiveWait{1};
// A worker that dies takes the process along, and the next start takes up its faces at once. So this runs out only on a
// machine that is too busy for minutes to extend it, and then a face must not use up its receipts while it is worked
// on.
constexpr std::chrono::seconds kFaceVisibility{300};

}  // namespace

Status Recognition::start() {
  if (models_.gallery() == nullptr) {
    return {};
  }
  stage::LoopOptions options;
  options.threads = options_.recognize_threads;
  options.wait = kReceiveWait;
  options.visibility = kFaceVisibility;
  // The store settles message and answer in one, so these are face messages that somebody put on the queue twice.
  options.recent.window = options_.duplicate_window;
  if (options_.duplicate_window.count() == 0) {
    options.recent.capacity = 0;
  }
  options.answered = [this](std::chrono::milliseconds time) { metrics_.answer_took(time); };
  work_.emplace(storage_.store(), std::string(kRequestQueue), std::string(kAnswerQueue));
  FACEPIPE_TRY(open_keeper());
  handler_.emplace(*models_.gallery(), options_.frames.decode.limits, logger_, &memory_, keeper_.get());
  loop_.emplace(
      *work_, [this](auto bodies, const auto& stop) { return handler_->handle(bodies, stop); }, options, metrics_.faces,
      logger_);
  return {};
}

Status Recognition::open_keeper() {
  if (storage_.faces() == nullptr) {
    return {};
  }
  visits::KeeperOptions options;
  options.tracker.timeout = options_.visit_timeout;
  FACEPIPE_ASSIGN(keeper_, visits::VisitKeeper::open(*storage_.faces(), options, logger_));
  return {};
}

void Recognition::request_stop() {
  if (loop_) {
    loop_->request_stop();
  }
}

void Recognition::stop(const StopClock& clock) {
  if (loop_) {
    static_cast<void>(loop_->stop(clock.left()));  // what it could not finish is back on the queue
    loop_.reset();
  }
}

}  // namespace facepipe::serve
