// Queues by URL, with requests signed where AWS wants it.
#pragma once

#include <CLI/CLI.hpp>

#include "aws/credentials/open_queue.h"
#include "base/process.h"
#include "base/result.h"
#include "http/client.h"

namespace facepipe::app {

// --endpoint, --region and --sign
struct AwsOption {
  std::string endpoint;
  std::string region;
  bool sign = false;
  // `signed_hosts` names, for the help of --sign, what is signed without it.
  void add_to(CLI::App& command, const std::string& signed_hosts);
  // The process's variables; --region stands before every other place that names one.
  [[nodiscard]] facepipe::Environment environment() const;
  // Requests go to --endpoint, else to where AWS_ENDPOINT_URL_SQS and its fellows say, else to the URL's own origin.
  // Signed for Amazon's hosts and with --sign, unsigned otherwise, whatever credentials there are: a broken profile
  // must not keep a queue on this machine from being used. Errors of aws::open_queue.
  [[nodiscard]] Result<aws::OpenedQueue> open_queue(const std::string& queue_url,
                                                    const http::ClientOptions& client = {}) const;
};

}  // namespace facepipe::app
