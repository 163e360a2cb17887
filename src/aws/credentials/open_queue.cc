// Tested by open_queue_test.cc and tests/conformance.
#include "aws/credentials/open_queue.h"

#include "aws/credentials/default_credentials.h"
#include "aws/credentials/location.h"
#include "aws/credentials/profiles.h"
#include "aws/signing/sigv4.h"
#include "base/text.h"

namespace facepipe::aws {
namespace {

constexpr std::string_view kLocalRegion = "us-east-1";

Result<std::string> signing_region(const std::string& queue_url, const QueueOptions& options, const Profiles& profiles,
                                   bool local) {
  FACEPIPE_ASSIGN(const std::string configured, configured_region(options.environment, profiles));
  if (local && configured.empty() && region_of_queue_url(queue_url).empty()) {
    return std::string(kLocalRegion);
  }
  return find_region(options.environment, profiles, queue_url);
}

// Signs where there are credentials; leaves opened.signer null where none are needed.
Status add_signer(OpenedQueue& opened, const std::string& queue_url, const QueueOptions& options,
                  const Profiles& profiles, bool local) {
  FACEPIPE_ASSIGN(std::string region, signing_region(queue_url, options, profiles, local));
  CredentialsProvider* provider = options.credentials;
  if (provider == nullptr) {
    opened.credentials = make_default_credentials(
        {.environment = options.environment, .region = region, .instance_metadata = !local, .clock = options.clock});
    provider = opened.credentials.get();
  }
  if (const auto credentials = provider->get(); !credentials) {
    opened.credentials.reset();
    if (local && credentials.error().code == ErrorCode::kNotFound) {
      return {};
    }
    return credentials.error();
  }
  opened.signer = std::make_unique<SigV4Signer>(SigningScope{std::move(region), "sqs"}, *provider, *options.clock);
  return {};
}

}  // namespace

Result<OpenedQueue> open_queue(const std::string& queue_url, QueueOptions options) {
  FACEPIPE_ASSIGN(const Profiles profiles, read_profiles(options.environment));
  SqsQueueOptions queue_options;
  queue_options.endpoint =
      options.endpoint.empty() ? find_endpoint(options.environment, profiles, "sqs") : options.endpoint;
  FACEPIPE_ASSIGN(const http::Url target,
                  http::parse_url(queue_options.endpoint.empty() ? queue_url : queue_options.endpoint));
  OpenedQueue opened;
  FACEPIPE_TRY(add_signer(opened, queue_url, options, profiles, !target.tls && is_loopback_host(target.host)));
  queue_options.signer = opened.signer.get();
  queue_options.retry = options.retry;
  queue_options.environment = std::move(options.retry_environment);
  queue_options.client = options.client;
  FACEPIPE_ASSIGN(opened.queue, SqsQueue::create(queue_url, std::move(queue_options)));
  return opened;
}

}  // namespace facepipe::aws
