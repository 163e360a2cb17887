// Tested by models_test.cc, and by tests/lambda with whole packs.
#include "parts.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <system_error>

#include "aws/signing/sigv4.h"
#include "base/file.h"
#include "base/process.h"
#include "model/model_pack.h"
#include "recognize/load_detector.h"

namespace facepipe::lambda_app {
namespace {

int thread_count(const Config& config) {
  return config.threads > 0 ? config.threads : std::min(usable_cpus(), 64);
}

Result<model::ModelPack> open_pack(const Config& config) {
  FACEPIPE_ASSIGN(const std::filesystem::path folder, find_pack(config));
  return model::ModelPack::open(folder).with_context("model pack " + folder.string());
}

// A function is billed while it waits and its deadline is near: shorter than the library's own limits.
constexpr std::chrono::milliseconds kQueueConnectTimeout{1'000};
constexpr std::chrono::milliseconds kQueueRequestTimeout{3'000};
constexpr int kQueueAttempts = 3;

}  // namespace

Result<std::filesystem::path> find_pack(const Config& config) {
  if (config.pack) {
    return *config.pack;
  }
  std::filesystem::path beside = config.model;
  beside.replace_extension(".pack");
  const std::array<std::filesystem::path, 3> places = {config.model, beside, config.model.parent_path() / "pack"};
  std::string tried;
  for (const std::filesystem::path& place : places) {
    std::error_code ignored;  // a place that cannot be looked at is none
    if (std::filesystem::is_directory(place, ignored)) {
      return place;
    }
    tried.append(tried.empty() ? "" : ", ").append(place.string());
  }
  return Error{ErrorCode::kNotFound,
               "no model pack: FACEPIPE_PACK is not set and MODEL_PATH leads to none of the folders " + tried +
                   " (facepipe model build makes one of a resnetV1.pt)"};
}

Result<std::unique_ptr<const detect::Detector>> load_detector(const Config& config) {
  FACEPIPE_ASSIGN(const model::ModelPack pack, open_pack(config));
  detect::DetectorOptions options;
  options.min_face_size_px = config.min_face_px;
  options.threads = thread_count(config);
  return recognize::load_detector(pack, options);
}

Result<stage::RecognitionModel> load_recognition_model(const Config& config) {
  FACEPIPE_ASSIGN(const model::ModelPack pack, open_pack(config));
  embed::EmbedderOptions options;
  options.threads = thread_count(config);
  return stage::RecognitionModel::load(pack, options);
}

Result<std::string> signing_region(const std::string& queue_url, const std::string& configured) {
  std::string region = configured.empty() ? aws::region_of_queue_url(queue_url) : configured;
  if (region.empty()) {
    return Error{ErrorCode::kInvalidArgument, "REGION: expected the queue's region, got nothing"};
  }
  return region;
}

Result<aws::OpenedQueue> open_queue(std::string_view variable, const std::string& url, const Config& config,
                                    const Clock& clock) {
  aws::OpenedQueue opened;
  aws::SqsQueueOptions options;
  options.endpoint = config.sqs_endpoint;
  options.retry.max_attempts = kQueueAttempts;
  options.client.connect_timeout = kQueueConnectTimeout;
  options.client.request_timeout = kQueueRequestTimeout;
  if (config.credentials) {
    FACEPIPE_ASSIGN(std::string region, signing_region(url, config.region));
    opened.credentials = std::make_unique<aws::StaticCredentials>(*config.credentials);
    opened.signer =
        std::make_unique<aws::SigV4Signer>(aws::SigningScope{std::move(region), "sqs"}, *opened.credentials, clock);
    options.signer = opened.signer.get();
  }
  FACEPIPE_ASSIGN(opened.queue, aws::SqsQueue::create(url, std::move(options)).with_context(variable));
  return opened;
}

}  // namespace facepipe::lambda_app
