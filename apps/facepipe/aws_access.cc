#include "aws_access.h"

#include <unistd.h>

#include <utility>

#include "aws/credentials/default_credentials.h"
#include "aws/credentials/environment.h"
#include "aws/credentials/location.h"
#include "aws/credentials/profiles.h"
#include "aws/signing/sigv4.h"
#include "aws/sqs/sqs_queue.h"
#include "client/function_url.h"

namespace facepipe::app {
namespace {

// --region stands before every other place that names one.
aws::Environment aws_environment(const AwsOption& option) {
  aws::Environment environment = aws::read_environment(environ);
  if (!option.region.empty()) {
    environment["AWS_REGION"] = option.region;
  }
  return environment;
}

Result<std::string> frame_region(const AwsOption& option, const aws::Environment& environment,
                                 const std::string& url_region) {
  if (option.region.empty() && !url_region.empty()) {
    return url_region;
  }
  FACEPIPE_ASSIGN(const aws::Profiles profiles, aws::read_profiles(environment));
  FACEPIPE_ASSIGN(std::string region, aws::configured_region(environment, profiles));
  if (region.empty()) {
    return Error{ErrorCode::kInvalidArgument,
                 "--sign: expected the region in --region, AWS_REGION or the profile, got none"};
  }
  return region;
}

}  // namespace

void AwsOption::add_to(CLI::App& command, const std::string& signed_hosts) {
  command.add_option("--endpoint", endpoint,
                     "SQS endpoint, if not the origin of the queue's URL (AWS_ENDPOINT_URL_SQS, AWS_ENDPOINT_URL)");
  command.add_option("--region", region, "Region to sign for, if the URL does not tell (AWS_REGION, the profile's)");
  command.add_flag("--sign", sign,
                   "Sign requests (AWS Signature Version 4) to any host; without it to " + signed_hosts);
}

Result<aws::OpenedQueue> AwsOption::open_queue(const std::string& queue_url, const http::ClientOptions& client) const {
  aws::Environment environment = aws_environment(*this);
  std::string target = endpoint;
  if (target.empty()) {
    // Of the files only where they are wanted: they may be broken.
    const auto profiles = aws::read_profiles(environment);
    target = aws::find_endpoint(environment, profiles ? *profiles : aws::Profiles{}, "sqs");
  }
  if (sign || !aws::region_of_queue_url(target.empty() ? queue_url : target).empty()) {
    aws::QueueOptions options;
    options.environment = std::move(environment);
    options.endpoint = endpoint;
    options.client = client;
    return aws::open_queue(queue_url, std::move(options));
  }
  aws::SqsQueueOptions options;
  options.endpoint = target;
  options.client = client;
  aws::OpenedQueue opened;
  FACEPIPE_ASSIGN(opened.queue, aws::SqsQueue::create(queue_url, std::move(options)));
  return opened;
}

Result<OwnedSigner> frame_signer(const AwsOption& option, const http::Url& url) {
  OwnedSigner owned;
  const std::string url_region = client::function_url_region(url);
  if (!option.sign && url_region.empty()) {
    return owned;
  }
  aws::Environment environment = aws_environment(option);
  FACEPIPE_ASSIGN(std::string region, frame_region(option, environment, url_region));
  aws::CredentialsOptions credentials;
  credentials.environment = std::move(environment);
  credentials.region = region;
  owned.credentials = aws::make_default_credentials(std::move(credentials));
  FACEPIPE_TRY(owned.credentials->get());  // a program without credentials says so before the first frame
  owned.signer = std::make_unique<aws::SigV4Signer>(aws::SigningScope{std::move(region), "lambda"}, *owned.credentials,
                                                    system_clock());
  return owned;
}

}  // namespace facepipe::app
