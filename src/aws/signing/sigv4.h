// AWS Signature Version 4 in the Authorization header.
// Source: AWS IAM User Guide, "Create a signed AWS API request".
#pragma once

#include "aws/signing/credentials.h"
#include "base/clock.h"
#include "base/result.h"
#include "http/client.h"
#include "http/message.h"

namespace facepipe::aws {

// --- What signing and verifying share: the canonical form of a request and the signature of it.
inline constexpr std::string_view kSigV4Algorithm = "AWS4-HMAC-SHA256";

// Each segment of the path encoded once more, as every service but S3 wants it; the request's own encoding counts as
// plain text.
[[nodiscard]] std::string canonical_path(std::string_view path);
// Decoded pairs, encoded the one way that the signature knows, sorted by name, then value.
[[nodiscard]] std::string canonical_query(std::string_view target);
// Ends trimmed, runs of spaces inside made one.
[[nodiscard]] std::string canonical_value(std::string_view value);

struct CanonicalRequest {
  std::string method;
  std::string path;            // canonical
  std::string query;           // canonical
  std::string header_lines;    // "host:example.com\nx-amz-date:...\n"
  std::string signed_headers;  // "host;x-amz-date"
  std::string body_digest;     // SHA-256 in hexadecimal
};

struct SignatureScope {
  std::string date;  // "20150830"
  std::string region;
  std::string service;
  [[nodiscard]] std::string text() const { return date + "/" + region + "/" + service + "/aws4_request"; }
};

// 64 hexadecimal characters. `time`: "20150830T123600Z".
[[nodiscard]] std::string signature_v4(const CanonicalRequest& request, std::string_view time,
                                       const SignatureScope& scope, std::string_view secret);

// --- Signing
// A port, so that a queue can be used unsigned on one box and signed on AWS. Thread-safe.
class Signer {
 public:
  virtual ~Signer() = default;
  // Adds what proves who is asking (authorization, date, token) for a request to `origin`. The body is final.
  [[nodiscard]] virtual Status sign(http::Request& request, const http::Url& origin) = 0;
};

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
