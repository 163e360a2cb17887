// Wires the stages to their queues. Tested by tests/lambda under the Lambda emulator.
#include "function.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

#include "base/work_memory.h"
#include "detection.h"
#include "gallery_source.h"
#include "metrics.h"
#include "models.h"
#include "queues.h"
#include "recognition.h"
#include "stage/detection/frame_handler.h"
#include "stage/recognition/face_handler.h"

namespace facepipe::lambda_app {
namespace {

// How long names still come from a gallery that is known to be outdated, because the changed one cannot be loaded. Then
// the batches fail, so that their faces wait on the queue: whoever was removed must not be named for ever.
constexpr std::chrono::seconds kOutdatedGalleryGrace{60};

class Detection final : public Function {
 public:
  Detection(const Config& config, std::unique_ptr<const detect::Detector> detector, SignedQueue requests,
            SignedQueue answers, const Clock& clock, Logger& logger, FunctionMetrics metrics)
      : detector_(std::move(detector)),
        requests_(std::move(requests)),
        answers_(std::move(answers)),
        memory_(work_memory(config)),
        frames_(*detector_, *requests_.queue, answers_.queue.get(), options(config, memory_.get()), logger),
        metrics_(std::move(metrics)),
        handler_(
            make_detection_handler([this](stage::FrameRequest request,
                                          const WorkLimit& limit) { return frames_.handle(std::move(request), limit); },
                                   clock, metrics_)) {}

  [[nodiscard]] Result<std::string> handle(const lambda::Invocation& invocation) override {
    return handler_(invocation);
  }

 private:
  // What the function's memory leaves to the work on a frame, so that a picture which is too large for it is refused
  // and not the function killed. Null without a known size.
  static std::unique_ptr<WorkMemory> work_memory(const Config& config) {
    constexpr std::size_t kAtRest = 160;  // MiB: the program, its detector, the event and its body
    if (config.memory_mib == 0) {
      return nullptr;
    }
    const auto size = static_cast<std::size_t>(config.memory_mib);
    const std::size_t left = std::max(size / 2, size - std::min(size, kAtRest)) << 20U;
    return std::make_unique<WorkMemory>(left / 3 * 4, "what AWS_LAMBDA_FUNCTION_MEMORY_SIZE leaves");
  }

  static stage::FrameHandlerOptions options(const Config& config, WorkMemory* memory) {
    stage::FrameHandlerOptions options;
    options.memory = memory;
    options.max_faces = static_cast<std::size_t>(config.max_faces);
    options.faces = config.faces;
    options.crop = config.crop;
    options.fifo_requests = config.request_queue_url.ends_with(".fifo");
    options.fifo_answers = config.response_queue_url.ends_with(".fifo");
    options.decode.apply_exif_orientation = config.apply_exif_orientation;
    return options;
  }

  std::unique_ptr<const detect::Detector> detector_;
  SignedQueue requests_;
  SignedQueue answers_;  // none: frames without a face are not reported
  std::unique_ptr<WorkMemory> memory_;
  stage::FrameHandler frames_;
  FunctionMetrics metrics_;
  lambda::Handler handler_;
};

void log_gallery(Logger& logger, const GallerySource& source, const Recognition& models) {
  logger.info("gallery", {{"version", std::string_view(source.version())},
                          {"people", static_cast<std::int64_t>(models.recognizer.gallery().people().size())}});
}

class RecognitionFunction final : public Function {
 public:
  RecognitionFunction(GallerySource gallery, Recognition models, SignedQueue answers, const Clock& clock,
                      Logger& logger, FunctionMetrics metrics, const RecognitionOptions& options)
      : gallery_(std::move(gallery)),
        clock_(clock),
        logger_(logger),
        models_(std::move(models)),
        answers_(std::move(answers)),
        faces_(models_.recognizer, image::DecodeLimits{}, logger),
        metrics_(std::move(metrics)),
        handler_(
            make_recognition_handler([this](std::span<const std::string_view> bodies) { return faces_.handle(bodies); },
                                     *answers_.queue, clock, metrics_, logger, options)) {}

  [[nodiscard]] Result<std::string> handle(const lambda::Invocation& invocation) override {
    if (invocation.remaining(clock_.now()) > 2 * kGalleryRefreshLimit) {
      refresh_gallery();
    }
    const auto since = gallery_.outdated_since();
    if (since && clock_.now() - *since > kOutdatedGalleryGrace) {
      return Error{ErrorCode::kUnavailable,
                   "the gallery has changed and cannot be loaded (gallery_not_refreshed in the "
                   "log says why): nobody is named by the one before"};
    }
    return handler_(invocation);
  }

 private:
  // Between invocations, so that a batch is answered by one gallery. What cannot be read leaves the old one in use.
  void refresh_gallery() {
    const auto newer =
        gallery_.refresh([this](gallery::Gallery gallery) { return replace_gallery(models_, std::move(gallery)); });
    if (!newer) {
      logger_.warning("gallery_not_refreshed", {{"error", std::string_view(newer.error().message)}});
    } else if (*newer) {
      log_gallery(logger_, gallery_, models_);
    }
  }

  GallerySource gallery_;
  const Clock& clock_;
  Logger& logger_;
  Recognition models_;
  SignedQueue answers_;
  stage::FaceHandler faces_;
  FunctionMetrics metrics_;
  lambda::Handler handler_;
};

}  // namespace

Result<std::unique_ptr<Function>> make_function(const Config& config, const Clock& clock, Logger& logger,
                                                std::function<void(std::string_view)> metric_sink) {
  FunctionMetrics metrics(config.function_name, clock, config.metrics ? std::move(metric_sink) : nullptr);
  SignedQueue answers;
  if (!config.response_queue_url.empty()) {
    FACEPIPE_ASSIGN(answers, open_queue("SQS_RESPONSE_QUEUE_URL", config.response_queue_url, config, clock));
  }
  if (config.stage == Stage::kDetection) {
    FACEPIPE_ASSIGN(SignedQueue requests, open_queue("SQS_REQUEST_QUEUE_URL", config.request_queue_url, config, clock));
    FACEPIPE_ASSIGN(auto detector, load_detector(config));
    return std::unique_ptr<Function>(std::make_unique<Detection>(
        config, std::move(detector), std::move(requests), std::move(answers), clock, logger, std::move(metrics)));
  }
  FACEPIPE_ASSIGN(GallerySource gallery, GallerySource::open(config, clock));
  FACEPIPE_ASSIGN(Recognition models, load_recognition(config, gallery));
  log_gallery(logger, gallery, models);
  RecognitionOptions options;
  options.fifo_answers = config.response_queue_url.ends_with(".fifo");
  return std::unique_ptr<Function>(std::make_unique<RecognitionFunction>(
      std::move(gallery), std::move(models), std::move(answers), clock, logger, std::move(metrics), options));
}

}  // namespace facepipe::lambda_app
