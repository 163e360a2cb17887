// The JSON API of a running server, /api/...: docs/api.md.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>

#include "base/log.h"
#include "faces/face_store.h"
#include "http/server/router.h"
#include "look/look.h"
#include "people/people_desk.h"
#include "serve/api/event_feed.h"
#include "serve/api/frame_waits.h"
#include "serve/api/operation.h"
#include "serve/api/records_json.h"
#include "serve/api/system_view.h"
#include "serve/door/front_door.h"
#include "serve/frames/frame_endpoint.h"
#include "serve/frames/frame_pool.h"

namespace facepipe::serve {

// The last frame of a camera, or the one before it.
struct CameraFrame {
  faces::FramePicture picture;
  std::size_t faces = 0;  // that were found in it; 0 also of one that was kept: its faces say it
};
// The last; with a time the one of that time. Absent: there is none, or not any more.
using LastFrameOf =
    std::function<Result<std::optional<CameraFrame>>(const std::string& camera, std::optional<Clock::TimePoint> time)>;
// Where frames are kept.
[[nodiscard]] Result<std::optional<CameraFrame>> kept_frame(faces::FaceStore& store, const std::string& camera,
                                                            std::optional<Clock::TimePoint> time);

// Who remembers beside the store what is erased from it. Each may be empty.
struct Forgetting {
  // Before the erasure: whoever follows visits and groups goes on without it.
  std::function<Status(faces::FaceId)> face;
  std::function<void(faces::UnknownId)> unknown;
  // After it, whoever or whatever was erased: pictures of whole frames, and events, that are at hand.
  std::function<void()> at_hand;
  // After the erasure of a person: names of people who are not in the gallery.
  std::function<void()> names = {};
};

// What the API works with; what is pointed to outlives it.
struct ApiParts {
  FrontDoor& door;
  faces::FaceStore* store;  // null: nothing is kept
  people::PeopleDesk& desk;
  const look::Looker& looker;
  FrameEndpoint& frames;
  FramePool& pool;  // that operations run on
  const SystemView& system;
  EventFeed* events;       // null without a store
  FrameWaits* waits;       // null without a store
  NameOf name_of;          // may be empty
  LastFrameOf last_frame;  // where one is at hand whatever is kept; empty: the store's
  Forgetting forget;
  Logger& logger;
};

// Thread-safe.
class Api {
 public:
  Api(ApiParts parts, std::string version);
  // Every operation; the API outlives the router.
  void add_routes(http::Router& router);
  [[nodiscard]] const Operations& operations() const { return operations_; }

 private:
  void handle(const Operation& operation, http::Request request, http::Responder responder);
  [[nodiscard]] static Status understand(const Operation& operation, ApiRequest& request);
  [[nodiscard]] http::Response answer_of(const Operation::Work& work, const ApiRequest& request) const;

  ApiParts parts_;
  const std::string version_;
  Operations operations_;
};

// The operations of each resource.
[[nodiscard]] Operations session_operations(const ApiParts& parts);
[[nodiscard]] Operations people_operations(const ApiParts& parts);
[[nodiscard]] Operations picture_operations(const ApiParts& parts);
[[nodiscard]] Operations face_operations(const ApiParts& parts);
[[nodiscard]] Operations visit_operations(const ApiParts& parts);
[[nodiscard]] Operations unknown_operations(const ApiParts& parts);
[[nodiscard]] Operations frame_operations(const ApiParts& parts);
[[nodiscard]] Operations camera_operations(const ApiParts& parts);
[[nodiscard]] Operations look_operations(const ApiParts& parts);
[[nodiscard]] Operations change_operations(const ApiParts& parts);
[[nodiscard]] Operations settings_operations(const ApiParts& parts);
[[nodiscard]] Operations output_operations(const ApiParts& parts);
[[nodiscard]] Operations system_operations(const ApiParts& parts);
[[nodiscard]] Operations event_operations(const ApiParts& parts);

}  // namespace facepipe::serve
