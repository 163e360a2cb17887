// The port that takes frames.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <stop_token>

#include "frame_http/frame_handler.h"
#include "http/server/server.h"
#include "serve/apis.h"
#include "serve/door/front_door.h"
#include "serve/door/rate_limiter.h"
#include "serve/frames/frame_endpoint.h"
#include "serve/frames/frame_pictures.h"
#include "serve/frames/frame_pool.h"
#include "serve/frames/last_frames.h"
#include "serve/frames/store_sink.h"
#include "serve/ground.h"
#include "serve/ports.h"
#include "serve/service.h"
#include "stage/detection/detection_stage.h"

namespace facepipe::serve {

// The detection stage behind HTTP, and the APIs and the page that are served beside it.
class FramePort final : public Service {
 public:
  // What it is given outlives it.
  FramePort(const Ground& ground, const Rooms& rooms, const Ports& ports)
      : ground_(ground), rooms_(rooms), ports_(ports) {}
  Status start() override;
  void request_stop() override;  // it is ready no more, and who waits for faces gets those that are there
  // Frames under way have most of the grace to end by themselves. Then they are ended, early enough for their clients
  // to be told 503.
  void stop(const StopClock& clock) override;
  [[nodiscard]] std::uint16_t port() const { return server_->port(); }                            // from start() on
  [[nodiscard]] std::string certificate_sha256() const { return server_->certificate_sha256(); }  // from start() on

 private:
  [[nodiscard]] bool ready() const;

  const Ground& ground_;
  const Rooms rooms_;
  const Ports& ports_;
  std::atomic<bool> stopping_ = false;
  std::stop_source stop_;
  LastFrames last_frames_;
  std::optional<FramePictures> pictures_;
  std::optional<StoreSink> sink_;
  std::optional<stage::DetectionStage> detection_;
  std::optional<frame_http::FrameHandler> frames_;
  std::optional<FramePool> pool_;
  std::optional<RateLimiter> limiter_;
  std::optional<FrontDoor> door_;
  std::optional<FrameEndpoint> endpoint_;
  std::optional<Apis> apis_;
  std::unique_ptr<http::Server> server_;
};

}  // namespace facepipe::serve
