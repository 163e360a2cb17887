// HTTP to frames: the routes of `facepipe serve`'s own port.
#pragma once

#include <functional>

#include "http/server.h"
#include "pipeline/frame_handler.h"
#include "server/metrics.h"
#include "server/worker_pool.h"

namespace facepipe::server {

// POST /            a frame: JSON, or a picture with Content-Type image/* and ?request_id=&filename=(&camera=)
// GET  /healthz     200 while the process runs;  GET /readyz  200 when frames can be taken, else 503
// GET  /metrics     Prometheus
// Everything else is 404 or 405, as JSON. Everything passed in outlives the endpoint; calls are thread-safe.
class FrameEndpoint {
 public:
  FrameEndpoint(const pipeline::FrameHandler& frames, WorkerPool& pool, Metrics& metrics, std::function<bool()> ready);
  void handle(http::Request request, http::Responder responder);

 private:
  void handle_frame(http::Request request, http::Responder responder);

  const pipeline::FrameHandler& frames_;
  WorkerPool& pool_;
  Metrics& metrics_;
  std::function<bool()> ready_;
};

}  // namespace facepipe::server
