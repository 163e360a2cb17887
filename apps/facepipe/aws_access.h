// What `send` and `worker` share: queues by URL, and requests signed where AWS wants it.
#pragma once

#include <CLI/CLI.hpp>
#include <memory>
#include <string>

#include "aws/credentials/open_queue.h"
#include "aws/signing/credentials_provider.h"
#include "aws/signing/signer.h"
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
  // Requests go to --endpoint, else to where AWS_ENDPOINT_URL_SQS and its fellows say, else to the URL's own origin.
  // Signed for Amazon's hosts and with --sign, unsigned otherwise, whatever credentials there are: a broken profile
  // must not keep a queue on this machine from being used. Errors of aws::open_queue.
  [[nodiscard]] Result<aws::OpenedQueue> open_queue(const std::string& queue_url,
                                                    const http::ClientOptions& client = {}) const;
};

// A signer with its credentials, destroyed in that order.
struct OwnedSigner {
  std::unique_ptr<aws::CredentialsProvider> credentials;
  std::unique_ptr<aws::Signer> signer;  // null: the endpoint wants no signatures
};
// For a Lambda Function URL, and for any endpoint with --sign. The region is --region, else the URL's, else the
// configured one. kInvalidArgument where there is none; the chain's error where there are no credentials.
[[nodiscard]] Result<OwnedSigner> frame_signer(const AwsOption& option, const http::Url& url);

}  // namespace facepipe::app
