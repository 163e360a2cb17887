// The services of `facepipe serve`, in the order of their start.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <stop_token>
#include <thread>

#include "access/live_access.h"
#include "base/log.h"
#include "base/memory_budget.h"
#include "detect/detector.h"
#include "faces/face_store.h"
#include "frame_http/frame_handler.h"
#include "http/server/server.h"
#include "look/look.h"
#include "metrics/registry.h"
#include "people/people_desk.h"
#include "publish/outbox_sender.h"
#include "publish/output_tester.h"
#include "queue/store/queue_store.h"
#include "serve/api/api.h"
#include "serve/compreface/compreface_api.h"
#include "serve/deepstack/deepstack_api.h"
#include "serve/door/browser_rules.h"
#include "serve/door/front_door.h"
#include "serve/door/rate_limiter.h"
#include "serve/embedded_face_work.h"
#include "serve/frames/frame_endpoint.h"
#include "serve/frames/frame_pictures.h"
#include "serve/frames/frame_pool.h"
#include "serve/frames/last_frames.h"
#include "serve/frames/metrics.h"
#include "serve/frames/store_sink.h"
#include "serve/page/page.h"
#include "serve/page/page_assets.h"
#include "serve/serve.h"
#include "serve/service.h"
#include "serve/sqs/sqs_api.h"
#include "stage/detection/detection_stage.h"
#include "stage/recognition/face_handler.h"
#include "stage/recognition/live_gallery.h"
#include "stage/recognition/recognition_loop.h"
#include "visits/visit_keeper.h"

namespace facepipe::serve {

// What is kept, and who may come in: makes the data folder, follows its access file, refuses to listen where that is
// not safe (check_exposure), opens the stores and makes the queues. Options and logger outlive it. The accessors: from
// start() on, thread-safe.
class Storage final : public Service {
 public:
  Storage(const ServeOptions& options, Logger& logger) : options_(options), logger_(logger) {}
  Status start() override;
  [[nodiscard]] access::LiveAccess& access() { return *access_; }
  [[nodiscard]] queue::QueueStore& store() { return *store_; }
  [[nodiscard]] const std::string& run_token() const { return run_token_; }
  [[nodiscard]] faces::FaceStore* faces() { return faces_.get(); }  // null: nothing is kept (ServeOptions::keep)

 private:
  [[nodiscard]] Status open_store();
  [[nodiscard]] Status open_faces();

  const ServeOptions& options_;
  Logger& logger_;
  std::unique_ptr<access::LiveAccess> access_;
  std::string run_token_;  // LiveAccess::add_run_token
  std::unique_ptr<queue::QueueStore> store_;
  std::unique_ptr<faces::FaceStore> faces_;
};

// The networks, and the gallery that is followed: opens the pack; loads the detector and, where there is recognition
// (ServeOptions::recognize_threads), the embedder and the gallery. Options and logger outlive it. The accessors: from
// start() on, thread-safe.
class Models final : public Service {
 public:
  Models(const ServeOptions& options, Logger& logger) : options_(options), logger_(logger) {}
  Status start() override;
  void request_stop() override;  // a batch that waits for the gallery waits no more
  [[nodiscard]] const detect::Detector& detector() const { return *detector_; }
  [[nodiscard]] const model::Manifest& manifest() const { return *manifest_; }
  [[nodiscard]] stage::LiveGallery* gallery() { return gallery_.get(); }  // null without recognition
  // Null without recognition, and for a pack without one.
  [[nodiscard]] const std::shared_ptr<const recognize::CutFaceNetwork>& cut_faces() const { return cut_faces_; }
  [[nodiscard]] bool healthy() const { return !gallery_ || gallery_->healthy(); }

 private:
  const ServeOptions& options_;
  Logger& logger_;
  std::optional<model::Manifest> manifest_;
  std::unique_ptr<const detect::Detector> detector_;
  std::shared_ptr<const recognize::CutFaceNetwork> cut_faces_;
  std::unique_ptr<stage::LiveGallery> gallery_;
};

// What the two ports have in common: the memory of bodies, connections, who a browser may be. Shares out descriptors
// and body memory. It is started when everything else that keeps a descriptor is open. Options and logger outlive it.
class Ports final : public Service {
 public:
  Ports(const ServeOptions& options, Logger& logger) : options_(options), logger_(logger) {}
  // kExhausted naming the limit of open descriptors where it leaves no room for connections; connections that it
  // leaves no room for are told to the log.
  Status start() override;
  // Of a server on `port`; body limit and admission are its own.
  [[nodiscard]] http::ServerOptions listen_options(std::uint16_t port) const;
  [[nodiscard]] BrowserRules browser_rules() const;

 private:
  const ServeOptions& options_;
  Logger& logger_;
  std::size_t served_ = 0;    // connections of a port
  std::size_t refused_ = 64;  // more that are told that they are too many
  std::shared_ptr<http::SharedLimits> shared_limits_;
};

// The outputs that events are sent to: one sender a webhook, and one for tests of it. What it is given outlives it.
class Outputs final : public Service {
 public:
  Outputs(const ServeOptions& options, Storage& storage, metrics::Registry& registry, Logger& logger)
      : options_(options), storage_(storage), registry_(registry), logger_(logger) {}
  Status start() override;
  void request_stop() override;  // a sending under way is finished
  void stop(const StopClock& clock) override;
  [[nodiscard]] const std::vector<std::string>& names() const { return names_; }  // from start() on
  // From start() on, thread-safe. As publish::OutputTester::test; kNotFound for no such output.
  [[nodiscard]] Result<std::optional<publish::Tested>> test(const std::string& output, std::string_view who) const;

 private:
  [[nodiscard]] Result<std::vector<std::unique_ptr<publish::Publisher>>> make_publishers();

  const ServeOptions& options_;
  Storage& storage_;
  metrics::Registry& registry_;
  Logger& logger_;
  std::vector<std::string> names_;
  std::vector<std::unique_ptr<publish::OutboxSender>> senders_;
  std::vector<std::unique_ptr<publish::OutputTester>> testers_;
};

// The recognition stage: names the faces of the request queue, and keeps them where that is asked for; does nothing
// where there is no recognition. What it is given outlives it.
class Recognition final : public Service {
 public:
  Recognition(const ServeOptions& options, Storage& storage, Models& models, WorkMemory& memory, Metrics& metrics,
              Logger& logger)
      : options_(options), storage_(storage), models_(models), memory_(memory), metrics_(metrics), logger_(logger) {}
  Status start() override;
  void request_stop() override;  // batches under way are finished
  void stop(const StopClock& clock) override;
  // From start() on: what follows visits and keeps faces; null where nothing is kept, or recognised here.
  [[nodiscard]] visits::VisitKeeper* keeper() { return keeper_.get(); }

 private:
  const ServeOptions& options_;
  Storage& storage_;
  Models& models_;
  WorkMemory& memory_;
  Metrics& metrics_;
  Logger& logger_;
  [[nodiscard]] Status open_keeper();

  std::unique_ptr<visits::VisitKeeper> keeper_;
  std::optional<EmbeddedFaceWork> work_;
  std::optional<stage::FaceHandler> handler_;
  std::optional<stage::RecognitionLoop> loop_;
};

// The port with the SQS API. What it is given outlives it.
class SqsPort final : public Service {
 public:
  SqsPort(const ServeOptions& options, Storage& storage, const Ports& ports, Logger& logger)
      : options_(options), storage_(storage), ports_(ports), logger_(logger) {}
  Status start() override;
  // Long polls end at once; answers that were taken go out.
  void stop(const StopClock& clock) override;
  [[nodiscard]] std::uint16_t port() const { return server_->port(); }  // from start() on

 private:
  [[nodiscard]] SqsApi::Options api_options();
  [[nodiscard]] http::Router routes();

  const ServeOptions& options_;
  Storage& storage_;
  const Ports& ports_;
  Logger& logger_;
  std::optional<FrontDoor> door_;
  std::optional<SqsApi> api_;
  std::unique_ptr<http::Server> server_;
};

// The place where people are changed, and where pictures are looked at: for the APIs. Completes a change that a crash
// cut in two, and tidies up every hour. What it is given outlives it.
class PeopleRoom final : public Service {
 public:
  // `visits` may be empty, or give null: the records as they are kept.
  PeopleRoom(const ServeOptions& options, Storage& storage, Models& models, WorkMemory& memory, Logger& logger,
             std::function<people::VisitDesk*()> visits = nullptr)
      : options_(options),
        storage_(storage),
        models_(models),
        memory_(memory),
        logger_(logger),
        visits_(std::move(visits)) {}
  ~PeopleRoom() override { end(); }
  Status start() override;
  void stop(const StopClock& /*clock*/) override { end(); }
  // From start() on, thread-safe.
  [[nodiscard]] people::PeopleDesk& desk() { return *desk_; }
  [[nodiscard]] const look::Looker& looker() const { return *looker_; }
  // The name that a person has now; nothing without recognition.
  [[nodiscard]] std::optional<std::string> name_of(gallery::PersonId person);

 private:
  void tidy();
  void end();

  const ServeOptions& options_;
  Storage& storage_;
  Models& models_;
  WorkMemory& memory_;
  Logger& logger_;
  const std::function<people::VisitDesk*()> visits_;
  std::optional<people::PeopleDesk> desk_;
  std::optional<look::Looker> looker_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool stopped_ = false;
  std::thread tidying_;  // last: it uses all of the above
};

// The port that takes frames: the detection stage behind HTTP. What it is given outlives it.
class FramePort final : public Service {
 public:
  FramePort(const ServeOptions& options, Storage& storage, Models& models, const Outputs& outputs,
            Recognition& recognition, PeopleRoom& people, const Ports& ports, WorkMemory& memory, Metrics& metrics,
            Logger& logger)
      : options_(options),
        storage_(storage),
        models_(models),
        outputs_(outputs),
        recognition_(recognition),
        people_(people),
        ports_(ports),
        memory_(memory),
        metrics_(metrics),
        logger_(logger) {}
  Status start() override;
  void request_stop() override;  // it is ready no more, and who waits for faces gets those that are there
  // Frames under way have most of the grace to end by themselves. Then they are ended, early enough for their clients
  // to be told 503.
  void stop(const StopClock& clock) override;
  [[nodiscard]] std::uint16_t port() const { return server_->port(); }  // from start() on
  [[nodiscard]] const LastFrames& last_frames() const { return last_frames_; }

 private:
  [[nodiscard]] bool ready() const;
  void start_api(http::Router& routes);
  void start_foreign_apis(http::Router& routes);
  [[nodiscard]] Result<std::optional<faces::FramePicture>> last_frame(const std::string& camera);
  [[nodiscard]] SystemView system_view();

  const ServeOptions& options_;
  Storage& storage_;
  Models& models_;
  const Outputs& outputs_;
  Recognition& recognition_;
  PeopleRoom& people_;
  const Ports& ports_;
  WorkMemory& memory_;
  Metrics& metrics_;
  Logger& logger_;
  std::atomic<bool> stopping_ = false;
  std::stop_source stop_;
  LastFrames last_frames_;
  std::optional<FramePictures> pictures_;
  std::optional<StoreSink> sink_;
  std::optional<stage::DetectionStage> detection_;
  std::optional<frame_http::FrameHandler> frames_;
  std::optional<EventFeed> events_;
  std::optional<FrameWaits> waits_;
  std::optional<FramePool> pool_;
  std::optional<RateLimiter> limiter_;
  std::optional<FrontDoor> door_;
  std::optional<FrameEndpoint> endpoint_;
  SystemView system_;
  std::optional<Api> api_;
  Page page_{page_assets()};
  std::optional<DeepStackApi> deepstack_;
  std::optional<CompreFaceApi> compreface_;
  std::optional<FramePool> api_pool_;  // that the API's operations run on
  std::unique_ptr<http::Server> server_;
};

// How commands on this data folder find the server (access/run_file.h): last to start, first to end. Where the file
// cannot be written the log says so, and commands do not find it. What it is given outlives it.
class RunNotice final : public Service {
 public:
  RunNotice(const ServeOptions& options, Storage& storage, const FramePort& frames, Logger& logger)
      : options_(options), storage_(storage), frames_(frames), logger_(logger) {}
  ~RunNotice() override { stop(StopClock(std::chrono::milliseconds(0))); }
  Status start() override;
  void stop(const StopClock& clock) override;

 private:
  const ServeOptions& options_;
  Storage& storage_;
  const FramePort& frames_;
  Logger& logger_;
  bool written_ = false;
};

}  // namespace facepipe::serve
