// The port that takes frames.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <stop_token>

#include "base/log.h"
#include "base/work_memory.h"
#include "frame_http/frame_handler.h"
#include "http/server/server.h"
#include "serve/door/front_door.h"
#include "serve/door/rate_limiter.h"
#include "serve/frames/frame_endpoint.h"
#include "serve/frames/frame_pool.h"
#include "serve/frames/metrics.h"
#include "serve/frames/store_sink.h"
#include "serve/models.h"
#include "serve/ports.h"
#include "serve/service.h"
#include "serve/storage.h"
#include "stage/detection/detection_stage.h"

namespace facepipe::serve {

// The detection stage behind HTTP. What it is given outlives it.
class FramePort final : public Service {
 public:
  FramePort(const ServeOptions& options, Storage& storage, Models& models, const Ports& ports, WorkMemory& memory,
            Metrics& metrics, Logger& logger)
      : options_(options),
        storage_(storage),
        models_(models),
        ports_(ports),
        memory_(memory),
        metrics_(metrics),
        logger_(logger) {}
  Status start() override;
  void request_stop() override { stopping_ = true; }  // it is ready no more
  // Frames under way have most of the grace to end by themselves. Then they are ended, early enough for their clients
  // to be told 503.
  void stop(const StopClock& clock) override;
  [[nodiscard]] std::uint16_t port() const { return server_->port(); }  // from start() on

 private:
  const ServeOptions& options_;
  Storage& storage_;
  Models& models_;
  const Ports& ports_;
  WorkMemory& memory_;
  Metrics& metrics_;
  Logger& logger_;
  std::atomic<bool> stopping_ = false;
  std::stop_source stop_;
  std::optional<StoreSink> sink_;
  std::optional<stage::DetectionStage> detection_;
  std::optional<frame_http::FrameHandler> frames_;
  std::optional<FramePool> pool_;
  std::optional<RateLimiter> limiter_;
  std::optional<FrontDoor> door_;
  std::optional<FrameEndpoint> endpoint_;
  std::unique_ptr<http::Server> server_;
};

}  // namespace facepipe::serve
