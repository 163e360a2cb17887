// Tested end to end by tests/e2e.
#include "serve/apis.h"

namespace facepipe::serve {
namespace {

// Operations of the API at once, and waiting: most are short questions to the store, few look at pictures.
constexpr int kApiThreads = 4;
constexpr std::size_t kApiWaiting = 256;

}  // namespace

Apis::Apis(const Ground& ground, const Rooms& rooms, Frames frames)
    : ground_(ground),
      rooms_(rooms),
      frames_(std::move(frames)),
      events_(store() == nullptr ? nullptr : std::make_unique<EventFeed>(*store(), frames_.ready, ground_.logger)),
      waits_(store() == nullptr ? nullptr : std::make_unique<FrameWaits>(*store())),
      system_(system_view()),
      pool_(kApiThreads, kApiWaiting),
      api_({.door = frames_.door,
            .store = store(),
            .desk = rooms_.people.desk(),
            .looker = rooms_.people.looker(),
            .frames = frames_.endpoint,
            .pool = pool_,
            .system = system_,
            .events = events_.get(),
            .waits = waits_.get(),
            .name_of = [this](gallery::PersonId person) { return rooms_.people.name_of(person); },
            .last_frame = [this](const std::string& camera,
                                 std::optional<Clock::TimePoint> time) { return last_frame(camera, time); },
            .forget = forgetting(),
            .logger = ground_.logger},
           ground_.options.version),
      deepstack_(foreign_parts()),
      compreface_(foreign_parts()) {}

// Their clients wait for who is in a picture, as those of frames do: so the same threads do that work.
ForeignParts Apis::foreign_parts() const {
  return {.door = frames_.door,
          .access = rooms_.storage.access(),
          .desk = rooms_.people.desk(),
          .looker = rooms_.people.looker(),
          .pool = frames_.pool,
          .limit = WorkLimit(frames_.stop),
          .logger = ground_.logger};
}

void Apis::add_routes(http::Router& routes) {
  api_.add_routes(routes);
  page_.add_routes(routes, safe_headers());
  deepstack_.add_routes(routes);
  compreface_.add_routes(routes);
}

void Apis::request_stop() {
  if (waits_) {
    waits_->end();
  }
}

// Of this run; before its first frame, and of cameras without a name, what is kept.
Result<std::optional<CameraFrame>> Apis::last_frame(const std::string& camera,
                                                    std::optional<Clock::TimePoint> time) const {
  if (const auto last = time ? frames_.last.get(camera, *time) : frames_.last.get(camera)) {
    return std::optional(
        CameraFrame{{last->request_id, camera, last->time, last->width, last->height, *last->jpeg}, last->faces});
  }
  return store() == nullptr ? Result<std::optional<CameraFrame>>(std::nullopt) : kept_frame(*store(), camera, time);
}

Forgetting Apis::forgetting() {
  visits::VisitKeeper* const keeper = rooms_.recognition.keeper();
  Forgetting forget;
  if (keeper != nullptr) {
    forget.face = [keeper](faces::FaceId face) { return keeper->forget(face); };
    forget.unknown = [keeper](faces::UnknownId group) { keeper->forget(group); };
  }
  forget.at_hand = [this] {
    frames_.last.forget();
    if (events_ != nullptr) {
      events_->forget();
    }
  };
  forget.names = [this] { compreface_.forget_names(); };
  return forget;
}

}  // namespace facepipe::serve
