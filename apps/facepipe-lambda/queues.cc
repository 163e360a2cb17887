// Tested by queues_test.cc, and by tests/lambda against ElasticMQ and moto.
#include "queues.h"

#include <chrono>
#include <utility>

#include "aws/signing/sigv4.h"

namespace facepipe::lambda_app {
namespace {

// A function is billed while it waits and its deadline is near: shorter than the library's own limits.
constexpr std::chrono::milliseconds kQueueConnectTimeout{1'000};
constexpr std::chrono::milliseconds kQueueRequestTimeout{3'000};
constexpr int kQueueAttempts = 3;

}  // namespace

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
  auto queue = aws::SqsQueue::create(url, std::move(options));
  if (!queue) {
    return std::move(queue).error().with_context(variable);
  }
  opened.queue = std::move(queue).value();
  return opened;
}

}  // namespace facepipe::lambda_app
