// Signs the frames of `send` where AWS wants it.
#pragma once

#include <memory>

#include "aws/signing/credentials_provider.h"
#include "aws/signing/signer.h"
#include "aws_access.h"
#include "base/result.h"
#include "http/client.h"

namespace facepipe::app {

// A signer with its credentials, destroyed in that order.
struct OwnedSigner {
  std::unique_ptr<aws::CredentialsProvider> credentials;
  std::unique_ptr<aws::Signer> signer;  // null: the endpoint wants no signatures
};
// For a Lambda Function URL, and for any endpoint with --sign. The region is --region, else the URL's, else the
// configured one. kInvalidArgument where there is none; the chain's error where there are no credentials.
[[nodiscard]] Result<OwnedSigner> frame_signer(const AwsOption& option, const http::Url& url);

}  // namespace facepipe::app
