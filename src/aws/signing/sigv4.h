// AWS Signature Version 4 in the Authorization header.
// Source: AWS IAM User Guide, "Create a signed AWS API request".
#pragma once

#include <string>
#include <string_view>

#include "aws/signing/credentials.h"
#include "aws/signing/credentials_provider.h"
#include "aws/signing/signer.h"
#include "base/clock.h"
#include "base/result.h"
#include "http/client.h"
#include "http/message.h"

namespace facepipe::aws {

struct SigningScope {
  std::string region;   // "eu-west-1"
  std::string service;  // "sqs"
  // The path is encoded once more for the signature, as every service but S3 wants it.
  bool encode_path_again = true;
};

// Adds x-amz-date, x-amz-security-token (for temporary credentials) and authorization, replacing any that are there.
// Signed are the host of `origin`, the path, the query, the body and every header of the request: no header may be
// added or changed afterwards, but for content-length. S3 also wants a header x-amz-content-sha256, the caller's to
// add.
void sign_v4(http::Request& request, const http::Url& origin, const SigningScope& scope, const Credentials& credentials,
             Clock::TimePoint now);

// Signs each request at the time of `clock` with what `credentials` gives then; both outlive the signer. Thread-safe.
// Fails only where the provider does, with its error.
class SigV4Signer final : public Signer {
 public:
  SigV4Signer(SigningScope scope, CredentialsProvider& credentials, const Clock& clock)
      : scope_(std::move(scope)), credentials_(credentials), clock_(clock) {}
  [[nodiscard]] Status sign(http::Request& request, const http::Url& origin) override;

 private:
  const SigningScope scope_;
  CredentialsProvider& credentials_;
  const Clock& clock_;
};

}  // namespace facepipe::aws
