#include "aws_access.h"

#include <unistd.h>

#include "aws/credentials/location.h"
#include "aws/credentials/profiles.h"
#include "aws/sqs/sqs_queue.h"

namespace facepipe::app {

void AwsOption::add_to(CLI::App& command, const std::string& signed_hosts) {
  command.add_option("--endpoint", endpoint,
                     "SQS endpoint, if not the origin of the queue's URL (AWS_ENDPOINT_URL_SQS, AWS_ENDPOINT_URL)");
  command.add_option("--region", region, "Region to sign for, if the URL does not tell (AWS_REGION, the profile's)");
  command.add_flag("--sign", sign,
                   "Sign requests (AWS Signature Version 4) to any host; without it to " + signed_hosts);
}

facepipe::Environment AwsOption::environment() const {
  facepipe::Environment environment = facepipe::read_environment(environ);
  if (!region.empty()) {
    environment["AWS_REGION"] = region;
  }
  return environment;
}

Result<aws::OpenedQueue> AwsOption::open_queue(const std::string& queue_url, const http::ClientOptions& client) const {
  facepipe::Environment variables = environment();
  std::string target = endpoint;
  if (target.empty()) {
    // Of the files only where they are wanted: they may be broken.
    const auto profiles = aws::read_profiles(variables);
    target = aws::find_endpoint(variables, profiles ? *profiles : aws::Profiles{}, "sqs");
  }
  if (sign || !aws::region_of_queue_url(target.empty() ? queue_url : target).empty()) {
    aws::QueueOptions options;
    options.environment = std::move(variables);
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

}  // namespace facepipe::app
