// Tested end to end by tests/e2e.
#include "serve/frame_port.h"

namespace facepipe::serve {

Status FramePort::start() {
  stage::DetectionOptions detection = ground_.options.frames;
  detection.memory = &ground_.memory;
  detection.tell_frame = true;  // the sink knows frames by their keys
  pictures_.emplace(last_frames_, rooms_.storage.faces());
  detection.watcher = &*pictures_;
  sink_.emplace(rooms_.storage.store(), std::string(kRequestQueue), std::string(kAnswerQueue),
                ground_.options.duplicate_window);
  detection_.emplace(rooms_.models.detector(), *sink_, detection);
  frames_.emplace(*detection_, ground_.logger);
  pool_.emplace(ground_.options.detect_threads, ground_.options.max_waiting_frames);
  if (ground_.options.max_frames_per_second > 0) {
    limiter_.emplace(ground_.options.max_frames_per_second);
  }
  endpoint_.emplace(
      *frames_, *pool_, limiter_ ? &*limiter_ : nullptr, ground_.metrics, [this] { return ready(); },
      stop_.get_token());
  door_.emplace(FrontDoorOptions{.port_name = "frames",
                                 .browser = ports_.browser_rules(),
                                 .tls = ground_.options.tls.has_value(),
                                 .tokens = &rooms_.storage.access()},
                ground_.logger);
  http::ServerOptions options = ports_.listen_options(ground_.options.port);
  options.max_body_bytes = ground_.options.max_body_bytes;
  http::Router routes(door_->rules(FrontDoor::For::kTokens), "no such path: POST frames to /");
  endpoint_->add_routes(routes, *door_);
  apis_.emplace(ground_, rooms_,
                Apis::Frames{.door = *door_,
                             .endpoint = *endpoint_,
                             .pool = *pool_,
                             .last = last_frames_,
                             .ready = [this] { return ready(); },
                             .stop = stop_.get_token()});
  apis_->add_routes(routes);
  FACEPIPE_ASSIGN(server_, http::Server::start(options, std::move(routes), ground_.logger));
  return {};
}

bool FramePort::ready() const {
  return !stopping_ && rooms_.storage.store().health() && rooms_.models.healthy() &&
         (rooms_.storage.faces() == nullptr || rooms_.storage.faces()->health());
}

void FramePort::request_stop() {
  stopping_ = true;
  if (apis_) {
    apis_->request_stop();
  }
}

void FramePort::stop(const StopClock& clock) {
  const Deadline ended(clock.most_left(), [this] {
    stop_.request_stop();
    if (pool_) {
      pool_->refuse_waiting();
    }
    if (apis_) {
      apis_->refuse_waiting();
    }
  });
  if (server_) {
    server_->stop(clock.left());
  }
  stop_.request_stop();  // whose clients are gone
  if (pool_) {
    pool_->drain();
  }
  if (apis_) {
    apis_->drain();
  }
}

}  // namespace facepipe::serve
