// What is served on the frame port beside frames.
#pragma once

#include <functional>
#include <memory>
#include <stop_token>

#include "http/server/router.h"
#include "serve/api/api.h"
#include "serve/compreface/compreface_api.h"
#include "serve/deepstack/deepstack_api.h"
#include "serve/door/front_door.h"
#include "serve/foreign/work.h"
#include "serve/frames/frame_endpoint.h"
#include "serve/frames/frame_pool.h"
#include "serve/frames/last_frames.h"
#include "serve/ground.h"
#include "serve/models.h"
#include "serve/outputs.h"
#include "serve/page/page.h"
#include "serve/page/page_assets.h"
#include "serve/people_room.h"
#include "serve/recognition.h"
#include "serve/storage.h"

namespace facepipe::serve {

// What the frame port and its APIs work with: services that are started before it, and outlive it.
struct Rooms {
  Storage& storage;
  Models& models;
  const Outputs& outputs;
  Recognition& recognition;
  PeopleRoom& people;
};

// The JSON API, the page, and the APIs that other servers had.
class Apis {
 public:
  // What the frame port has made.
  struct Frames {
    FrontDoor& door;
    FrameEndpoint& endpoint;
    FramePool& pool;
    LastFrames& last;
    std::function<bool()> ready;
    std::stop_token stop;  // of work under way
  };
  // What it is given outlives it.
  Apis(const Ground& ground, const Rooms& rooms, Frames frames);
  Apis(const Apis&) = delete;
  Apis& operator=(const Apis&) = delete;
  ~Apis() { drain(); }
  // It outlives the router.
  void add_routes(http::Router& routes);
  // Who waits for faces gets those that are there.
  void request_stop();
  // As FramePool's.
  void refuse_waiting() { pool_.refuse_waiting(); }
  void drain() { pool_.drain(); }

 private:
  [[nodiscard]] faces::FaceStore* store() const { return rooms_.storage.faces(); }
  [[nodiscard]] SystemView system_view() const;
  [[nodiscard]] ForeignParts foreign_parts() const;
  [[nodiscard]] Forgetting forgetting();
  [[nodiscard]] Result<std::optional<CameraFrame>> last_frame(const std::string& camera,
                                                              std::optional<Clock::TimePoint> time) const;

  const Ground& ground_;
  const Rooms rooms_;
  const Frames frames_;
  const std::unique_ptr<EventFeed> events_;  // null where nothing is kept
  const std::unique_ptr<FrameWaits> waits_;  // likewise
  const SystemView system_;
  FramePool pool_;  // that the API's operations run on
  Api api_;
  Page page_{page_assets()};
  DeepStackApi deepstack_;
  CompreFaceApi compreface_;
};

}  // namespace facepipe::serve
