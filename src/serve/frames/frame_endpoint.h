// HTTP to frames: the routes of `facepipe serve`'s own port.
#pragma once

#include <chrono>
#include <functional>
#include <stop_token>

#include "base/work_limit.h"
#include "frame_http/frame_handler.h"
#include "http/server/router.h"
#include "serve/door/front_door.h"
#include "serve/door/rate_limiter.h"
#include "serve/frames/frame_pool.h"
#include "serve/frames/metrics.h"

namespace facepipe::serve {

// POST /            a frame: JSON, or a picture or a form with one, and ?request_id=&filename=(&camera=)
// GET  /healthz     200 while the process runs;  GET /readyz  200 when frames can be taken, else 503
// GET  /metrics     Prometheus
// Everything passed in outlives the endpoint; calls are thread-safe.
class FrameEndpoint {
 public:
  // `limiter` may be null: then no camera is held to a rate.
  // Frames under way end, with 503, when `stop` is requested.
  FrameEndpoint(const frame_http::FrameHandler& frames, FramePool& pool, RateLimiter* limiter, Metrics& metrics,
                std::function<bool()> ready, std::stop_token stop = {});

  // Has the pool work on a frame; `done` is called once, with what its sender is told: 429 with Retry-After where the
  // line is full, 503 at the end. It must be quick.
  using Done = std::function<void(frame_http::FrameAnswer)>;
  void take(frame_http::FrameRequest frame, const std::string& camera, Done done);
  // Who shares the line and has a rate: the camera's group, which is short whatever its name; else the client's
  // address.
  [[nodiscard]] static std::string camera_of(const http::Request& request);
  // 429 with Retry-After for a frame whose camera sends too many a second, or has its share of the line already; 503 at
  // the end: said before the frame is read. A camera is ?camera=NAME, else the client's address.
  [[nodiscard]] std::optional<http::Response> check_rate(const http::Request& head);

  // The routes above; the endpoint and the door outlive the router.
  void add_routes(http::Router& router, FrontDoor& door);

 private:
  void handle_frame(http::Request request, http::Responder responder);
  [[nodiscard]] frame_http::FrameAnswer stopping();
  [[nodiscard]] frame_http::FrameAnswer without_a_place();
  [[nodiscard]] frame_http::FrameAnswer defer(std::string_view why, std::chrono::seconds wait);

  const frame_http::FrameHandler& frames_;
  FramePool& pool_;
  RateLimiter* const limiter_;
  Metrics& metrics_;
  std::function<bool()> ready_;
  const WorkLimit limit_;
};

}  // namespace facepipe::serve
