// Tested end to end by tests/e2e.

#include "serve/services.h"

namespace facepipe::serve {

Status FramePort::start() {
  stage::DetectionOptions detection = options_.frames;
  detection.memory = &memory_;
  sink_.emplace(storage_.store(), std::string(kRequestQueue), std::string(kAnswerQueue), options_.duplicate_window);
  detection_.emplace(models_.detector(), *sink_, detection);
  frames_.emplace(*detection_, logger_);
  pool_.emplace(options_.detect_threads, options_.max_waiting_frames);
  if (options_.max_frames_per_second > 0) {
    limiter_.emplace(options_.max_frames_per_second);
  }
  endpoint_.emplace(
      *frames_, *pool_, limiter_ ? &*limiter_ : nullptr, metrics_,
      [this] { return !stopping_ && storage_.store().health() && models_.healthy(); }, stop_.get_token());
  door_.emplace(FrontDoorOptions{.port_name = "frames",
                                 .browser = ports_.browser_rules(),
                                 .tls = options_.tls.has_value(),
                                 .tokens = &storage_.access()},
                logger_);
  http::ServerOptions options = ports_.listen_options(options_.port);
  options.max_body_bytes = options_.max_body_bytes;
  http::Router routes(door_->rules(FrontDoor::For::kTokens), "no such path: POST frames to /");
  endpoint_->add_routes(routes, *door_);
  FACEPIPE_ASSIGN(server_, http::Server::start(options, std::move(routes), logger_));
  return {};
}

void FramePort::stop(const StopClock& clock) {
  const Deadline ended(clock.most_left(), [this] {
    stop_.request_stop();
    if (pool_) {
      pool_->refuse_waiting();
    }
  });
  if (server_) {
    server_->stop(clock.left());
  }
  stop_.request_stop();  // whose clients are gone
  if (pool_) {
    pool_->drain();
  }
}

}  // namespace facepipe::serve
