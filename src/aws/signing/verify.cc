// Tested by verify_test.cc, fuzz/authorization_fuzz.cc, and with boto3 and the aws CLI by tests/e2e/test_access.py.
#include "aws/signing/verify.h"

#include <algorithm>

#include "aws/signing/sigv4.h"
#include "base/bytes.h"
#include "base/hash.h"
#include "base/hex.h"
#include "base/text.h"
#include "base/time_text.h"

namespace facepipe::aws {
namespace {

constexpr std::size_t kSignatureLength = 64;
constexpr std::size_t kMaxSignedHeaders = 100;
constexpr std::size_t kDateLength = 8;

SignatureProblem problem(SignatureFault fault, std::string message) {
  return {fault, std::move(message)};
}

Error expected(std::string_view what) {
  return Error{ErrorCode::kInvalidData, "Authorization header requires " + std::string(what)};
}

Status take_credential(std::string_view value, Authorization& into) {
  const std::vector<std::string_view> parts = split(value, '/');
  constexpr std::size_t kParts = 5;
  if (parts.size() != kParts || parts[4] != "aws4_request" || parts[0].empty() || parts[1].size() != kDateLength ||
      parts[2].empty() || parts[3].empty()) {
    return expected("'Credential' of the form KEY/DATE/REGION/SERVICE/aws4_request");
  }
  into.access_key_id = parts[0];
  into.date = parts[1];
  into.region = parts[2];
  into.service = parts[3];
  return {};
}

// The lines of the signed headers, or the name of one that the request does not have.
Result<std::string> header_lines(const http::Request& request, const std::vector<std::string>& names) {
  std::string lines;
  for (const std::string& name : names) {
    bool found = false;
    for (const auto& [header_name, value] : request.headers) {
      if (header_name == name) {
        lines.append(found ? "," : name + ":").append(canonical_value(value));
        found = true;
      }
    }
    if (!found) {
      return expected("every signed header in the request: '" + name + "' is not");
    }
    lines.push_back('\n');
  }
  return lines;
}

bool is_presigned(const http::Request& request) {
  const auto pairs = http::query_pairs(request.target);
  return std::any_of(pairs.begin(), pairs.end(), [](const auto& pair) { return pair.first == "X-Amz-Signature"; });
}

// Host, date, and whatever of the request AWS's services go by: X-Amz-Target names the action.
std::optional<SignatureProblem> check_signed_headers(const http::Request& request, const Authorization& authorization) {
  const auto& names = authorization.signed_headers;
  std::vector<std::string_view> required{"host", "x-amz-date"};
  for (const auto& [name, value] : request.headers) {
    if (name.starts_with("x-amz-")) {
      required.push_back(name);
    }
  }
  for (const std::string_view name : required) {
    if (std::find(names.begin(), names.end(), name) == names.end()) {
      return problem(SignatureFault::kIncomplete,
                     "Authorization header requires '" + std::string(name) + "' among its SignedHeaders.");
    }
  }
  return std::nullopt;
}

std::optional<SignatureProblem> check_time(const Authorization& authorization, std::string_view time,
                                           Clock::TimePoint now) {
  const auto signed_at = parse_basic_time(time);
  if (!signed_at || time.substr(0, kDateLength) != authorization.date) {
    return problem(SignatureFault::kIncomplete,
                   "Authorization header requires an 'X-Amz-Date' like 20150830T123600Z, of the credential's day.");
  }
  if (*signed_at < now - kMaxClockSkew || *signed_at > now + kMaxClockSkew) {
    return problem(SignatureFault::kExpired,
                   "The request was signed at a time more than 15 minutes from this server's: check both clocks.");
  }
  return std::nullopt;
}

// A request that says who signed it, when and what, with the secret that it would have been signed with.
struct Claim {
  Authorization authorization;
  std::string secret;
  std::string header_lines;
};

std::optional<SignatureProblem> check_claim(const http::Request& request, std::string_view service,
                                            const SecretLookup& secret_of, Clock::TimePoint now, Claim& claim) {
  const std::string_view header = http::header(request.headers, "authorization");
  if (header.empty()) {
    return is_presigned(request)
               ? problem(SignatureFault::kIncomplete, "Presigned URLs are not taken: sign in the Authorization header.")
               : problem(SignatureFault::kMissing, "Request is missing Authentication Token");
  }
  auto authorization = parse_authorization(header);
  if (!authorization) {
    return problem(SignatureFault::kIncomplete, authorization.error().message + ".");
  }
  if (auto wrong = check_signed_headers(request, *authorization)) {
    return wrong;
  }
  auto secret = secret_of(authorization->access_key_id);
  if (!secret) {
    return problem(SignatureFault::kUnknownKey, "The security token included in the request is invalid.");
  }
  if (auto wrong = check_time(*authorization, http::header(request.headers, "x-amz-date"), now)) {
    return wrong;
  }
  if (authorization->service != service) {
    return problem(SignatureFault::kMismatch,
                   "Credential should be scoped to correct service: '" + std::string(service) + "'.");
  }
  auto lines = header_lines(request, authorization->signed_headers);
  if (!lines) {
    return problem(SignatureFault::kIncomplete, lines.error().message + ".");
  }
  claim = {*std::move(authorization), *std::move(secret), *std::move(lines)};
  return std::nullopt;
}

std::optional<SignatureProblem> check_signature(const http::Request& request, const Claim& claim,
                                                const std::string& body_digest) {
  const Authorization& authorization = claim.authorization;
  const CanonicalRequest canonical{
      request.method,     canonical_path(http::target_path(request.target)), canonical_query(request.target),
      claim.header_lines, joined(authorization.signed_headers, ";"),         body_digest};
  const std::string signature =
      signature_v4(canonical, http::header(request.headers, "x-amz-date"),
                   {authorization.date, authorization.region, authorization.service}, claim.secret);
  if (!equal_in_constant_time(signature, authorization.signature)) {
    return problem(SignatureFault::kMismatch,
                   "The request signature we calculated does not match the signature you provided. Check your AWS "
                   "Secret Access Key and signing method.");
  }
  return std::nullopt;
}

}  // namespace

Result<Authorization> parse_authorization(std::string_view header) {
  const std::size_t blank = header.find(' ');
  if (header.substr(0, blank) != kSigV4Algorithm || blank == std::string_view::npos) {
    return expected("the algorithm " + std::string(kSigV4Algorithm));
  }
  Authorization authorization;
  for (const std::string_view part : split(header.substr(blank + 1), ',')) {
    const std::string_view item = trimmed(part, " ");
    const std::size_t equals = item.find('=');
    const std::string_view name = item.substr(0, equals);
    const std::string_view value = equals == std::string_view::npos ? std::string_view() : item.substr(equals + 1);
    if (name == "Credential") {
      FACEPIPE_TRY(take_credential(value, authorization));
    } else if (name == "SignedHeaders") {
      authorization.signed_headers.clear();
      for (const std::string_view header_name : split(value, ';')) {
        authorization.signed_headers.emplace_back(header_name);
      }
    } else if (name == "Signature") {
      authorization.signature = value;
    } else {
      return expected("nothing but 'Credential', 'SignedHeaders' and 'Signature'");
    }
  }
  if (authorization.access_key_id.empty()) {
    return expected("'Credential'");
  }
  if (authorization.signed_headers.empty() || authorization.signed_headers.size() > kMaxSignedHeaders) {
    return expected("'SignedHeaders'");
  }
  if (!is_hex(authorization.signature, kSignatureLength)) {
    return expected("a 'Signature' of 64 hexadecimal characters");
  }
  return authorization;
}

std::optional<SignatureProblem> verify_v4(const http::Request& request, std::string_view service,
                                          const SecretLookup& secret_of, Clock::TimePoint now) {
  Claim claim;
  if (auto wrong = check_claim(request, service, secret_of, now, claim)) {
    return wrong;
  }
  return check_signature(request, claim, sha256_hex(as_bytes(request.body)));
}

std::optional<SignatureProblem> verify_v4_head(const http::Request& head, std::string_view service,
                                               const SecretLookup& secret_of, Clock::TimePoint now) {
  Claim claim;
  if (auto wrong = check_claim(head, service, secret_of, now, claim)) {
    return wrong;
  }
  const std::string_view declared = http::header(head.headers, "x-amz-content-sha256");
  if (is_hex(declared, kSignatureLength)) {
    return check_signature(head, claim, std::string(declared));
  }
  const std::string_view length = http::header(head.headers, "content-length");
  if ((length.empty() || length == "0") && http::header(head.headers, "transfer-encoding").empty()) {
    return check_signature(head, claim, sha256_hex({}));
  }
  return std::nullopt;
}

}  // namespace facepipe::aws
