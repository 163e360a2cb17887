// Tested end to end by tests/e2e.

#include "serve/services.h"

namespace facepipe::serve {
namespace {

// Operations of the API at once, and waiting: most are short questions to the store, few look at pictures.
constexpr int kApiThreads = 4;
constexpr std::size_t kApiWaiting = 256;

}  // namespace

Status FramePort::start() {
  stage::DetectionOptions detection = options_.frames;
  detection.memory = &memory_;
  detection.tell_frame = true;  // the sink knows frames by their keys
  pictures_.emplace(last_frames_, storage_.faces());
  detection.watcher = &*pictures_;
  sink_.emplace(storage_.store(), std::string(kRequestQueue), std::string(kAnswerQueue), options_.duplicate_window);
  detection_.emplace(models_.detector(), *sink_, detection);
  frames_.emplace(*detection_, logger_);
  pool_.emplace(options_.detect_threads, options_.max_waiting_frames);
  if (options_.max_frames_per_second > 0) {
    limiter_.emplace(options_.max_frames_per_second);
  }
  endpoint_.emplace(
      *frames_, *pool_, limiter_ ? &*limiter_ : nullptr, metrics_, [this] { return ready(); }, stop_.get_token());
  door_.emplace(FrontDoorOptions{.port_name = "frames",
                                 .browser = ports_.browser_rules(),
                                 .tls = options_.tls.has_value(),
                                 .tokens = &storage_.access()},
                logger_);
  http::ServerOptions options = ports_.listen_options(options_.port);
  options.max_body_bytes = options_.max_body_bytes;
  http::Router routes(door_->rules(FrontDoor::For::kTokens), "no such path: POST frames to /");
  endpoint_->add_routes(routes, *door_);
  start_api(routes);
  page_.add_routes(routes, safe_headers());
  start_foreign_apis(routes);
  FACEPIPE_ASSIGN(server_, http::Server::start(options, std::move(routes), logger_));
  return {};
}

bool FramePort::ready() const {
  return !stopping_ && storage_.store().health() && models_.healthy() &&
         (storage_.faces() == nullptr || storage_.faces()->health());
}

void FramePort::start_api(http::Router& routes) {
  faces::FaceStore* const store = storage_.faces();
  if (store != nullptr) {
    events_.emplace(*store, [this] { return ready(); }, logger_);
    waits_.emplace(*store);
  }
  system_ = system_view();
  api_pool_.emplace(kApiThreads, kApiWaiting);
  api_.emplace(ApiParts{.door = *door_,
                        .store = store,
                        .desk = people_.desk(),
                        .looker = people_.looker(),
                        .frames = *endpoint_,
                        .pool = *api_pool_,
                        .system = system_,
                        .events = events_ ? &*events_ : nullptr,
                        .waits = waits_ ? &*waits_ : nullptr,
                        .name_of = [this](gallery::PersonId person) { return people_.name_of(person); },
                        .last_frame = [this](const std::string& camera) { return last_frame(camera); },
                        .forget =
                            [this](faces::UnknownId group) {
                              if (recognition_.keeper() != nullptr) {
                                recognition_.keeper()->forget(group);
                              }
                            },
                        .logger = logger_},
               options_.version);
  api_->add_routes(routes);
}

// Their clients wait for who is in a picture, as those of frames do: so the same threads do that work.
void FramePort::start_foreign_apis(http::Router& routes) {
  const ForeignParts parts{.door = *door_,
                           .access = storage_.access(),
                           .desk = people_.desk(),
                           .looker = people_.looker(),
                           .pool = *pool_,
                           .limit = WorkLimit(stop_.get_token()),
                           .logger = logger_};
  deepstack_.emplace(parts);
  deepstack_->add_routes(routes);
  compreface_.emplace(parts);
  compreface_->add_routes(routes);
}

// Of this run; before its first frame, and of cameras without a name, what is kept.
Result<std::optional<faces::FramePicture>> FramePort::last_frame(const std::string& camera) {
  if (const auto last = last_frames_.get(camera)) {
    return std::optional(faces::FramePicture{"", camera, last->time, last->width, last->height, *last->jpeg});
  }
  return storage_.faces() == nullptr ? Result<std::optional<faces::FramePicture>>(std::nullopt)
                                     : storage_.faces()->last_frame(camera);
}

void FramePort::request_stop() {
  stopping_ = true;
  if (waits_) {
    waits_->end();
  }
}

void FramePort::stop(const StopClock& clock) {
  const Deadline ended(clock.most_left(), [this] {
    stop_.request_stop();
    if (pool_) {
      pool_->refuse_waiting();
    }
    if (api_pool_) {
      api_pool_->refuse_waiting();
    }
  });
  if (server_) {
    server_->stop(clock.left());
  }
  stop_.request_stop();  // whose clients are gone
  if (pool_) {
    pool_->drain();
  }
  if (api_pool_) {
    api_pool_->drain();
  }
}

}  // namespace facepipe::serve
