// What signing and verifying share: the canonical form of a request and the signature of it. Internal to the module.
#pragma once

#include <string>
#include <string_view>

namespace facepipe::aws {

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

}  // namespace facepipe::aws
