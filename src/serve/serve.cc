// Wires the stages together. Tested end to end by tests/e2e.
#include "serve/serve.h"

#include <algorithm>
#include <atomic>
#include <optional>
#include <stop_token>
#include <system_error>
#include <utility>

#include "access/live_access.h"
#include "aws/signing/verify.h"
#include "base/clock.h"
#include "base/descriptors.h"
#include "base/file.h"
#include "base/loopback.h"
#include "base/temporary_file.h"
#include "queue/queue_store.h"
#include "recognize/load_detector.h"
#include "serve/door/exposure.h"
#include "serve/door/front_door.h"
#include "serve/embedded_face_work.h"
#include "serve/frames/embedded_frame_store.h"
#include "serve/frames/frame_endpoint.h"
#include "serve/frames/metrics.h"
#include "serve/frames/worker_pool.h"
#include "serve/sqs/sqs_api.h"
#include "serve/stop_clock.h"
#include "stage/recognition/live_gallery.h"
#include "stage/recognition/recognition_loop.h"

namespace facepipe::serve {
namespace {

// Amazon's advice for a queue that feeds a function: a poison message is given up after 5 tries.
constexpr int kMaxReceiveCount = 5;
// Amazon's longest, and its advice: longer than the source's, since the age counts from the first sending.
constexpr std::chrono::hours kDeadLetterRetention{14 * 24};
// How long a worker's receive waits: the bound on noticing a stop request.
constexpr std::chrono::seconds kReceiveWait{1};
// A worker that dies takes the process along, and the next start takes up its faces at once. So this runs out only on a
// machine that is too busy for minutes to extend it, and then a face must not use up its receipts while it is worked
// on.
constexpr std::chrono::seconds kFaceVisibility{300};

constexpr std::string_view kVisibilityTag = "facepipe:visibility";

Status make_data_dir(const std::filesystem::path& folder) {
  std::error_code error;
  if (std::filesystem::create_directories(folder, error)) {
    std::filesystem::permissions(folder, std::filesystem::perms::owner_all, error);
  }
  if (error) {
    return Error{ErrorCode::kPermission, "cannot make the data folder " + folder.string() + ": " + error.message()};
  }
  return {};
}

// Makes the queue, or keeps the one that an earlier run made, whatever the user set on it since.
Status ensure_queue(queue::QueueStore& store, const std::string& name, const queue::QueueAttributes& attributes) {
  const Status made = store.create_queue(name, attributes);
  return made || made.error().code == ErrorCode::kAlreadyExists ? Status{} : made;
}

Status set_retention(queue::QueueStore& store, const std::string& name, std::optional<std::chrono::seconds> retention) {
  if (!retention) {
    return {};
  }
  FACEPIPE_ASSIGN(queue::QueueAttributes attributes, store.attributes(name));
  attributes.retention = *retention;
  return store.set_attributes(name, attributes);
}

// As told; else kAnswerVisibility once, in place of the 30 s that the queue was made with: the tag says that this was
// done, so that what a user sets afterwards stays, 30 s too.
Status set_answer_visibility(queue::QueueStore& store, std::optional<std::chrono::seconds> told) {
  const std::string name(kAnswerQueue);
  FACEPIPE_ASSIGN(queue::QueueAttributes attributes, store.attributes(name));
  FACEPIPE_ASSIGN(const queue::QueueTags tags, store.tags(name));
  const bool done = tags.contains(std::string(kVisibilityTag));
  const bool as_made = attributes.visibility_timeout == queue::QueueAttributes{}.visibility_timeout;
  const auto wanted = told.value_or(!done && as_made ? kAnswerVisibility : attributes.visibility_timeout);
  if (wanted != attributes.visibility_timeout) {
    attributes.visibility_timeout = wanted;
    FACEPIPE_TRY(store.set_attributes(name, attributes));
  }
  return done ? Status{} : store.change_tags(name, {{std::string(kVisibilityTag), "set"}}, {});
}

Status ensure_queues(queue::QueueStore& store, const ServeOptions& options) {
  const std::string dead = std::string(kRequestQueue) + "-dead";
  queue::QueueAttributes dead_letters;
  dead_letters.retention = kDeadLetterRetention;
  FACEPIPE_TRY(ensure_queue(store, dead, dead_letters));
  FACEPIPE_TRY(set_retention(store, dead, options.retain_dead_letters));
  queue::QueueAttributes requests;
  requests.dead_letter_queue = dead;
  requests.max_receive_count = kMaxReceiveCount;
  FACEPIPE_TRY(ensure_queue(store, std::string(kRequestQueue), requests));
  FACEPIPE_TRY(ensure_queue(store, std::string(kAnswerQueue), {}));
  FACEPIPE_TRY(set_answer_visibility(store, options.answer_visibility));
  return set_retention(store, std::string(kAnswerQueue), options.retain_answers);
}

// Descriptors that connections leave to others: the store's files and their copies, a gallery, access file or picture
// that is read again, a worker's queues.
constexpr std::size_t kReservedDescriptors = 48;
constexpr std::size_t kDescriptorsOfTwoPorts = 12;  // listeners, and what waits for events
constexpr std::size_t kLeastConnections = 8;

// How many connections a port may have so that both together find descriptors, and how many more are told that they are
// too many.
struct PortConnections {
  std::size_t served = 0;
  std::size_t refused = 64;
};

Result<PortConnections> connections_of_a_port(std::size_t wanted, Logger& logger) {
  const std::size_t limit = descriptor_limit();
  const std::size_t others = open_descriptors() + kDescriptorsOfTwoPorts + kReservedDescriptors;
  if (limit < others + 4 * kLeastConnections) {
    return Error{ErrorCode::kExhausted, "expected a limit of at least " +
                                            std::to_string(others + 4 * kLeastConnections) + " open descriptors, got " +
                                            std::to_string(limit) + " (ulimit -n, LimitNOFILE)"};
  }
  const std::size_t share = (limit - others) / 2;
  PortConnections connections;
  connections.refused = std::min(connections.refused, share / 8);
  connections.served = std::min(wanted, share - connections.refused);
  if (connections.served < wanted) {
    logger.warning("connections_limited", {{"max_connections", static_cast<std::int64_t>(connections.served)},
                                           {"wanted", static_cast<std::int64_t>(wanted)},
                                           {"descriptors", static_cast<std::int64_t>(limit)}});
  }
  return connections;
}

// Members are destroyed from the last to the first: servers, then workers, then what they use.
class RunningServer final : public PipelineServer {
 public:
  RunningServer(const ServeOptions& options, Logger& logger) : options_(options), logger_(logger) {}
  ~RunningServer() override { stop(std::chrono::milliseconds{0}); }

  [[nodiscard]] Status run() {
    FACEPIPE_TRY(make_data_dir(options_.data_dir));
    // What writers that were killed left.
    remove_dead_temporaries(options_.data_dir / access::kAccessFileName);
    remove_dead_temporaries(options_.gallery_file);
    FACEPIPE_ASSIGN(access_,
                    access::LiveAccess::open(options_.data_dir / access::kAccessFileName, options_.sqs_key, logger_));
    FACEPIPE_TRY(check_exposure({.address = options_.address, .insecure = options_.insecure}, *access_, logger_));
    FACEPIPE_ASSIGN(const model::ModelPack pack, model::ModelPack::open(options_.pack_dir));
    FACEPIPE_ASSIGN(detect::Detector detector, recognize::load_detector(pack, options_.detector));
    detector_.emplace(std::move(detector));
    if (options_.recognize_threads > 0) {
      FACEPIPE_ASSIGN(stage::RecognitionModel model, stage::RecognitionModel::load(pack));
      FACEPIPE_ASSIGN(gallery_,
                      stage::LiveGallery::open(options_.gallery_file, options_.key, std::move(model), logger_));
      metrics_.gallery_failures = [this] { return gallery_->failures(); };
    }
    FACEPIPE_ASSIGN(store_, open_store());
    FACEPIPE_TRY(ensure_queues(*store_, options_));
    request_queue_ = store_->queue(std::string(kRequestQueue));
    answer_queue_ = store_->queue(std::string(kAnswerQueue));
    memory_.emplace(options_.max_work_memory, "--max-work-memory");
    metrics_.memory = &*memory_;
    stage::FrameHandlerOptions frame_options = options_.frames;
    frame_options.memory = &*memory_;
    frames_.emplace(recognize::detect_within(*detector_), *request_queue_, answer_queue_.get(), frame_options, logger_);
    frame_store_.emplace(*store_, std::string(kRequestQueue), std::string(kAnswerQueue), options_.duplicate_window);
    frames_->set_store(&*frame_store_);
    pool_.emplace(options_.detect_threads, options_.max_waiting_frames);
    if (options_.max_frames_per_second > 0) {
      limiter_.emplace(options_.max_frames_per_second);
    }
    endpoint_.emplace(
        *frames_, *pool_, limiter_ ? &*limiter_ : nullptr, metrics_,
        [this] { return !stopping_.load() && store_->health() && (!gallery_ || gallery_->healthy()); },
        frame_stop_.get_token());
    open_doors();
    sqs_api_.emplace(*store_, sqs_options());
    start_recognition();
    return start_listening();
  }

  [[nodiscard]] std::uint16_t port() const override { return frame_server_->port(); }
  [[nodiscard]] std::uint16_t sqs_port() const override { return sqs_server_->port(); }

  void stop(std::chrono::milliseconds grace) override {
    if (stopping_.exchange(true)) {
      return;
    }
    const StopClock clock(grace);  // one grace for all: what one takes, the next does not have
    if (recognition_) {
      recognition_->request_stop();  // its threads finish their batches meanwhile
    }
    if (gallery_) {
      gallery_->stop();  // a batch that waits for it waits no more
    }
    stop_frames(clock);
    if (recognition_) {
      static_cast<void>(recognition_->stop(clock.left()));  // what it could not finish is back on the queue
      recognition_.reset();
    }
    if (sqs_api_) {
      sqs_api_->end_long_polls();  // no answer comes any more
    }
    if (sqs_server_) {
      sqs_server_->stop(clock.left());
    }
  }

 private:
  // Frames under way have most of the grace to end by themselves. Then they are ended, early enough for their clients
  // to be told.
  void stop_frames(const StopClock& clock) {
    const Deadline ended(clock.most_left(), [this] {
      frame_stop_.request_stop();
      if (pool_) {
        pool_->refuse_waiting();
      }
    });
    if (frame_server_) {
      frame_server_->stop(clock.left());
    }
    frame_stop_.request_stop();  // whose clients are gone
    if (pool_) {
      pool_->drain();
    }
  }

  Result<std::unique_ptr<queue::QueueStore>> open_store() {
    queue::QueueStore::Options store;
    store.key = options_.key;
    store.on_put_aside = [this](const std::string& queue, const std::string& message_id, const std::string& reason) {
      logger_.warning("message_put_aside", {{"queue", std::string_view(queue)},
                                            {"message_id", std::string_view(message_id)},
                                            {"reason", std::string_view(reason)}});
    };
    return queue::QueueStore::open(options_.data_dir / "queues.db", store);
  }

  void start_recognition() {
    if (options_.recognize_threads < 1) {
      return;
    }
    stage::LoopOptions loop;
    loop.threads = options_.recognize_threads;
    loop.wait = kReceiveWait;
    loop.visibility = kFaceVisibility;
    // The store settles message and answer in one, so these are face messages that somebody put on the queue twice.
    loop.recent.window = options_.duplicate_window;
    if (options_.duplicate_window.count() == 0) {
      loop.recent.capacity = 0;
    }
    faces_.emplace(*store_, std::string(kRequestQueue), std::string(kAnswerQueue));
    face_handler_.emplace(*gallery_, options_.frames.decode.limits, logger_, &*memory_);
    recognition_.emplace(
        *faces_, [this](auto bodies, const auto& stop) { return face_handler_->handle(bodies, stop); }, loop,
        metrics_.faces, logger_);
  }

  void open_doors() {
    BrowserRules browser;
    browser.check_host = is_loopback(options_.address) || !options_.hosts.empty();
    browser.hosts = options_.hosts;
    browser.hosts.push_back(options_.address);
    browser.allowed_origins = options_.allowed_origins;
    frame_door_.emplace(FrontDoorOptions{.port_name = "frames", .browser = browser, .tokens = access_.get()}, logger_);
    sqs_door_.emplace(FrontDoorOptions{.port_name = "sqs", .browser = std::move(browser), .tokens = nullptr}, logger_);
  }

  SqsApi::Options sqs_options() {
    SqsApi::Options options;
    options.tls = options_.tls.has_value();
    const auto checked_by = [this](auto verify) {
      return [this, verify](const http::Request& request) -> std::optional<aws::SignatureProblem> {
        if (!access_->known()) {
          return aws::SignatureProblem{aws::SignatureFault::kNotKnown, std::string(kAccessNotKnown)};
        }
        if (!access_->sqs_key_required()) {
          return std::nullopt;
        }
        return verify(
            request, "sqs", [this](std::string_view key) { return access_->sqs_secret(key); }, system_clock().now());
      };
    };
    options.check = checked_by(&aws::verify_v4);
    options.check_head = checked_by(&aws::verify_v4_head);
    options.on_denied = [this](const http::Request& request, int status, std::string_view code,
                               std::string_view request_id) {
      sqs_door_->log_refusal(request, status, code, request_id);
    };
    return options;
  }

  // One for everything: what is asked stands in the request.
  [[nodiscard]] http::Router sqs_routes() {
    http::RouteRules rules = sqs_door_->rules(FrontDoor::For::kEverybody);
    rules.guards.emplace_back([this](const http::Request& head) { return sqs_api_->admit(head); });
    http::Router router({}, "");
    router.add({.method = "",
                .path = "*",
                .rules = std::move(rules),
                .handler = [this](http::Request request, http::Responder responder) {
                  sqs_api_->handle(std::move(request), std::move(responder));
                }});
    return router;
  }

  // What both ports have in common.
  [[nodiscard]] http::ServerOptions listen_options(std::uint16_t port) const {
    http::ServerOptions options;
    options.address = options_.address;
    options.port = port;
    options.tls = options_.tls;
    options.max_connections = connections_.served;
    options.max_refused_connections = connections_.refused;
    options.shared_limits = shared_limits_;
    options.max_connections_per_address = options_.max_connections_per_address;
    options.response_headers = safe_headers();
    return options;
  }

  [[nodiscard]] Status start_listening() {
    FACEPIPE_ASSIGN(connections_, connections_of_a_port(options_.max_connections, logger_));
    shared_limits_ = http::make_shared_limits(options_.max_total_body_bytes);
    http::ServerOptions sqs_options = listen_options(options_.sqs_port);
    sqs_options.max_body_bytes = std::min(kMaxSqsBody, options_.max_total_body_bytes);
    FACEPIPE_ASSIGN(sqs_server_, http::Server::start(sqs_options, sqs_routes(), logger_));
    http::ServerOptions frame_options = listen_options(options_.port);
    frame_options.max_body_bytes = options_.max_body_bytes;
    http::Router frame_routes(frame_door_->rules(FrontDoor::For::kTokens), "no such path: POST frames to /");
    endpoint_->add_routes(frame_routes, *frame_door_);
    FACEPIPE_ASSIGN(frame_server_, http::Server::start(frame_options, std::move(frame_routes), logger_));
    return {};
  }

  const ServeOptions options_;
  Logger& logger_;
  Metrics metrics_;
  std::atomic<bool> stopping_ = false;
  std::stop_source frame_stop_;
  std::optional<WorkMemory> memory_;
  std::unique_ptr<access::LiveAccess> access_;
  std::optional<FrontDoor> frame_door_;
  std::optional<FrontDoor> sqs_door_;
  std::optional<detect::Detector> detector_;
  std::unique_ptr<stage::LiveGallery> gallery_;
  std::unique_ptr<queue::QueueStore> store_;
  std::unique_ptr<queue::MessageQueue> request_queue_;
  std::unique_ptr<queue::MessageQueue> answer_queue_;
  std::optional<EmbeddedFrameStore> frame_store_;
  std::optional<stage::FrameHandler> frames_;
  std::optional<WorkerPool> pool_;
  std::optional<RateLimiter> limiter_;
  std::optional<FrameEndpoint> endpoint_;
  std::optional<SqsApi> sqs_api_;
  std::optional<EmbeddedFaceWork> faces_;
  std::optional<stage::FaceHandler> face_handler_;
  std::optional<stage::RecognitionLoop> recognition_;
  PortConnections connections_;
  std::shared_ptr<http::SharedLimits> shared_limits_;
  std::unique_ptr<http::Server> sqs_server_;
  std::unique_ptr<http::Server> frame_server_;
};

}  // namespace

Result<std::unique_ptr<PipelineServer>> PipelineServer::start(const ServeOptions& options, Logger& logger) {
  auto server = std::make_unique<RunningServer>(options, logger);
  FACEPIPE_TRY(server->run());
  return std::unique_ptr<PipelineServer>(std::move(server));
}

}  // namespace facepipe::serve
