// Wires the stages to their queues. Tested by tests/lambda under the Lambda emulator.
#include "function.h"

#include <algorithm>
#include <future>

#include "base/memory_budget.h"
#include "detection.h"
#include "frame_http/frame_handler.h"
#include "gallery_source.h"
#include "metrics.h"
#include "parts.h"
#include "queue/validation.h"
#include "recognition.h"
#include "stage/detection/detection_stage.h"
#include "stage/recognition/face_handler.h"

namespace facepipe::lambda_app {
namespace {

class Detection final : public Function {
 public:
  Detection(const Config& config, std::unique_ptr<const detect::Detector> detector, aws::OpenedQueue requests,
            aws::OpenedQueue answers, const Clock& clock, Logger& logger, FunctionMetrics metrics)
      : detector_(std::move(detector)),
        requests_(std::move(requests)),
        answers_(std::move(answers)),
        memory_(work_memory(config)),
        sink_(make_sink(config)),
        stage_(*detector_, *sink_, options(config, memory_.get())),
        frames_(stage_, logger),
        metrics_(std::move(metrics)),
        handler_(
            make_detection_handler([this](frame_http::FrameRequest request,
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

  static stage::DetectionOptions options(const Config& config, WorkMemory* memory) {
    stage::DetectionOptions options;
    options.memory = memory;
    options.max_faces = static_cast<std::size_t>(config.max_faces);
    options.faces = config.faces;
    options.crop = config.crop;
    options.decode.apply_exif_orientation = config.apply_exif_orientation;
    return options;
  }

  // Without an answer queue frames without a face are not reported.
  std::unique_ptr<stage::FrameSink> make_sink(const Config& config) {
    const bool fifo = queue::is_fifo_name(config.request_queue_url);
    if (!answers_.queue) {
      return std::make_unique<stage::QueueSink>(*requests_.queue, fifo);
    }
    return std::make_unique<stage::AnsweringQueueSink>(*requests_.queue, fifo, *answers_.queue,
                                                       queue::is_fifo_name(config.response_queue_url));
  }

  std::unique_ptr<const detect::Detector> detector_;
  aws::OpenedQueue requests_;
  aws::OpenedQueue answers_;
  std::unique_ptr<WorkMemory> memory_;
  std::unique_ptr<stage::FrameSink> sink_;
  stage::DetectionStage stage_;
  frame_http::FrameHandler frames_;
  FunctionMetrics metrics_;
  lambda::Handler handler_;
};

class Recognition final : public Function {
 public:
  Recognition(GallerySource gallery, aws::OpenedQueue answers, const Clock& clock, Logger& logger,
              FunctionMetrics metrics, const RecognitionOptions& options)
      : gallery_(std::move(gallery)),
        clock_(clock),
        logger_(logger),
        answers_(std::move(answers)),
        faces_(gallery_, image::DecodeLimits{}, logger),
        metrics_(std::move(metrics)),
        handler_(make_recognition_handler([this](std::span<const std::string_view> bodies,
                                                 const std::stop_token& stop) { return faces_.handle(bodies, stop); },
                                          *answers_.queue, clock, metrics_, logger, options)) {}

  // The gallery is looked at between invocations, so that a batch is answered by one; what cannot be read leaves the
  // old one in use for a while.
  [[nodiscard]] Result<std::string> handle(const lambda::Invocation& invocation) override {
    if (const auto newer = gallery_.refresh(invocation.remaining(clock_.now())); !newer) {
      logger_.warning("gallery_not_refreshed", {{"error", std::string_view(newer.error().message)}});
    }
    FACEPIPE_TRY(gallery_.current());
    return handler_(invocation);
  }

 private:
  GallerySource gallery_;
  const Clock& clock_;
  Logger& logger_;
  aws::OpenedQueue answers_;
  stage::FaceHandler faces_;
  FunctionMetrics metrics_;
  lambda::Handler handler_;
};

// The queue's connection is there when the first invocation wants it: opened while the models load. At the end of its
// life the future waits, at most for the queue's connect timeout.
std::future<void> connect_beside(aws::SqsQueue& queue) {
  return std::async(std::launch::async, [&queue] { queue.connect_ahead(); });
}

}  // namespace

Result<std::unique_ptr<Function>> make_function(const Config& config, const Clock& clock, Logger& logger,
                                                std::function<void(std::string_view)> metric_sink) {
  FunctionMetrics metrics(config.function_name, clock, config.metrics ? std::move(metric_sink) : nullptr);
  aws::OpenedQueue answers;
  if (!config.response_queue_url.empty()) {
    FACEPIPE_ASSIGN(answers, open_queue("SQS_RESPONSE_QUEUE_URL", config.response_queue_url, config, clock));
  }
  if (config.stage == Stage::kDetection) {
    FACEPIPE_ASSIGN(aws::OpenedQueue requests,
                    open_queue("SQS_REQUEST_QUEUE_URL", config.request_queue_url, config, clock));
    const std::future<void> connected = connect_beside(*requests.queue);
    FACEPIPE_ASSIGN(auto detector, load_detector(config));
    return std::unique_ptr<Function>(std::make_unique<Detection>(
        config, std::move(detector), std::move(requests), std::move(answers), clock, logger, std::move(metrics)));
  }
  const std::future<void> connected = connect_beside(*answers.queue);
  FACEPIPE_ASSIGN(stage::RecognitionModel model, load_recognition_model(config));
  FACEPIPE_ASSIGN(GallerySource gallery, GallerySource::open(config, std::move(model), clock, logger));
  RecognitionOptions options;
  options.fifo_answers = queue::is_fifo_name(config.response_queue_url);
  return std::unique_ptr<Function>(std::make_unique<Recognition>(std::move(gallery), std::move(answers), clock, logger,
                                                                 std::move(metrics), options));
}

}  // namespace facepipe::lambda_app
