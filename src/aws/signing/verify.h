// The other side of sigv4.h: whether a request is signed by somebody we know.
// Source: AWS IAM User Guide, "Create a signed AWS API request".
#pragma once

#include <chrono>
#include <functional>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "http/message.h"

namespace facepipe::aws {

enum class SignatureFault {
  kMissing,     // no signature at all
  kIncomplete,  // one that lacks something, or is of a kind that is not taken (presigned URL, another algorithm)
  kUnknownKey,
  kMismatch,  // another secret, or another request than what was signed
  kExpired,   // signed at a time too far from ours
  kNotKnown,  // which keys there are is not known at the moment: not the client's fault
};

struct SignatureProblem {
  SignatureFault fault = SignatureFault::kMissing;
  std::string message;  // for the client: no secret, no signature
};

// The header "AWS4-HMAC-SHA256 Credential=KEY/DATE/REGION/SERVICE/aws4_request, SignedHeaders=a;b, Signature=HEX".
struct Authorization {
  std::string access_key_id;
  std::string date;  // "20150830"
  std::string region;
  std::string service;
  std::vector<std::string> signed_headers;
  std::string signature;  // 64 hexadecimal characters
};
// kInvalidData saying which part is missing or not as it must be.
[[nodiscard]] Result<Authorization> parse_authorization(std::string_view header);

// Amazon's own tolerance.
inline constexpr std::chrono::minutes kMaxClockSkew{15};

// Gives the secret of an access key; nullopt for one that there is not.
using SecretLookup = std::function<std::optional<std::string>(std::string_view access_key_id)>;

// Nullopt: the whole request (method, path, query, body, the signed headers, of which host, x-amz-date and every other
// x-amz-... header that it has must be) was signed with the secret of its access key for `service`, in any region, at
// most kMaxClockSkew from `now`. The digest of the body is computed, whatever x-amz-content-sha256 says; signatures are
// compared in constant time. Thread-safe.
[[nodiscard]] std::optional<SignatureProblem> verify_v4(const http::Request& request, std::string_view service,
                                                        const SecretLookup& secret_of, Clock::TimePoint now);

// What of that can be told before the body has come: everything but the signature, and that too where the digest of the
// body is known already: there is none (no Content-Length or 0, no Transfer-Encoding), or x-amz-content-sha256 declares
// it. verify_v4 is still to be asked when the body is there.
[[nodiscard]] std::optional<SignatureProblem> verify_v4_head(const http::Request& head, std::string_view service,
                                                             const SecretLookup& secret_of, Clock::TimePoint now);

}  // namespace facepipe::aws
