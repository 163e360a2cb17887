// One object of Amazon S3, read whole, and again only when it has changed.
// Source: Amazon S3 API Reference, "GetObject", "Error responses".
#pragma once

#include <functional>

#include "aws/signing/sigv4.h"
#include "base/result.h"
#include "base/retry.h"
#include "http/client.h"
#include "http/message.h"

namespace facepipe::aws {

struct S3Uri {
  std::string bucket;
  std::string key;  // as it is named, not percent-encoded
};
inline constexpr std::string_view kS3Scheme = "s3://";
// "s3://BUCKET/KEY". kInvalidArgument saying what was expected: the form, a bucket of 3 to 63 lower-case letters,
// digits, dots and hyphens, a key of 1 to 1,024 bytes.
[[nodiscard]] Result<S3Uri> parse_s3_uri(std::string_view uri);

// An object as it was at one time.
struct S3Object {
  std::string bytes;
  std::string etag;        // with its quotes, as S3 gives it
  std::string version_id;  // empty where the bucket keeps no versions
};

struct S3Options {
  std::string region;        // of the bucket
  std::string endpoint;      // in place of Amazon's own, "http://127.0.0.1:5000"; the bucket then stands in the path
  Signer* signer = nullptr;  // of service "s3", its paths encoded once; outlives the reader; null: unsigned
  RetryPolicy retry;
  RetryEnvironment environment = real_retry_environment();
  http::ClientOptions client;  // max_response_bytes bounds the object
  // In place of the network, for tests.
  std::function<Result<http::Response>(const http::Request&)> transport;
};

// Not thread-safe.
class S3Reader {
 public:
  // Nothing is sent yet. kInvalidArgument for an endpoint that is no URL, and for no region where Amazon's own host is
  // made of it.
  [[nodiscard]] static Result<S3Reader> create(const S3Uri& object, S3Options options);

  // The object, or nothing if `unless_etag` is not empty and the object still has that tag. kNotFound; kPermission
  // (also of an object that is not there, for who may not list the bucket); kInvalidArgument for a bucket of another
  // region, naming it; kTooLarge. kUnavailable, kTimeout and S3's 429, 500 and 503 are tried again as options.retry
  // says. Errors name the object.
  [[nodiscard]] Result<std::optional<S3Object>> get(std::string_view unless_etag = {});

 private:
  S3Reader(const S3Uri& object, S3Options options, const http::Url& origin, std::string target);
  [[nodiscard]] Result<http::Response> send_once(std::string_view unless_etag);

  std::string name_;  // "s3://BUCKET/KEY"
  S3Options options_;
  http::Url origin_;
  std::string target_;
  http::Client client_;
};

}  // namespace facepipe::aws
