// Tested end to end by tests/e2e.
#include "serve/recognition.h"

#include <chrono>

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
  options.threads = ground_.options.recognize_threads;
  options.wait = kReceiveWait;
  options.visibility = kFaceVisibility;
  // The store settles message and answer in one, so these are face messages that somebody put on the queue twice.
  options.recent.window = ground_.options.duplicate_window;
  if (ground_.options.duplicate_window.count() == 0) {
    options.recent.capacity = 0;
  }
  options.answered = [this](std::chrono::milliseconds time) { ground_.metrics.answer_took(time); };
  work_.emplace(storage_.store(), std::string(kRequestQueue), std::string(kAnswerQueue));
  FACEPIPE_TRY(open_keeper());
  handler_.emplace(*models_.gallery(), ground_.options.frames.decode.limits, ground_.logger, &ground_.memory,
                   keeper_.get());
  loop_.emplace(
      *work_, [this](auto bodies, const auto& stop) { return handler_->handle(bodies, stop); }, options,
      ground_.metrics.faces, ground_.logger);
  return {};
}

Status Recognition::open_keeper() {
  if (storage_.faces() == nullptr) {
    return {};
  }
  visits::KeeperOptions options;
  options.tracker.timeout = ground_.options.visit_timeout;
  FACEPIPE_ASSIGN(keeper_, visits::VisitKeeper::open(*storage_.faces(), options, ground_.logger));
  add_visit_metrics();
  return {};
}

void Recognition::add_visit_metrics() const {
  metrics::Registry& registry = ground_.metrics.registry;
  const visits::KeeperCounters& all = keeper_->counters();
  const auto counter = [&registry](std::string_view name, std::string_view help, const metrics::Counter& counted) {
    registry.counter_of(name, help, [&counted] { return counted.value(); });
  };
  counter("facepipe_faces_kept_total", "Faces kept.", all.faces);
  counter("facepipe_frames_late_total", "Frames older than another of their camera that came before.", all.late_frames);
  counter("facepipe_visits_started_total", "Visits that began.", all.started);
  counter("facepipe_visits_named_total", "Times that a visit got a name.", all.named);
  counter("facepipe_visits_ended_total", "Visits that are over.", all.ended);
  registry.gauge_of("facepipe_visits_open", "Visits under way.", [&all] { return all.open.value(); });
  registry.gauge_of("facepipe_unknown_groups", "Groups of unknown faces.", [&all] { return all.groups.value(); });
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
