// From a queue's URL and an environment to a queue that can be used.
#pragma once

#include "aws/signing/credentials.h"
#include "aws/sqs/sqs_queue.h"
#include "base/clock.h"
#include "base/process.h"
#include "base/result.h"
#include "base/retry.h"
#include "http/client.h"

namespace facepipe::aws {

struct QueueOptions {
  Environment environment;                     // read_environment(environ)
  std::string endpoint;                        // before the environment's; empty: that, else the queue URL's own origin
  CredentialsProvider* credentials = nullptr;  // in place of the chain; outlives the queue. To share one chain
  const Clock* clock = &system_clock();        // outlives the queue
  RetryPolicy retry;
  RetryEnvironment retry_environment = real_retry_environment();
  http::ClientOptions client;
};

// The SQS queue of a URL: endpoint and region by location.h, credentials by default_credentials.h. These are asked for
// once here, so that a program without any says so at its start; the queue itself is asked for nothing yet.
//
// Where requests go by http to loopback (facepipe serve, ElasticMQ, moto), no credentials (kNotFound of the chain)
// means unsigned, the EC2 instance metadata is not asked unless the environment names it, and a region that is nowhere
// named is us-east-1, as these servers have it. Everywhere else both are errors. A source that is configured but broken
// is an error everywhere: nothing that it should have signed is sent unsigned.
//
// kInvalidArgument for a queue URL or endpoint that is none, and for no region; otherwise the credentials' errors.
[[nodiscard]] Result<OpenedQueue> open_queue(const std::string& queue_url, QueueOptions options);

}  // namespace facepipe::aws
