// Tested by sigv4_test.cc against values of AWS's own botocore, and by tests/lambda against moto, which checks
// signatures.
#include "aws/signing/sigv4.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "aws/signing/canonical.h"
#include "base/bytes.h"
#include "base/hash.h"
#include "base/time_text.h"

namespace facepipe::aws {
namespace {

struct CanonicalHeaders {
  std::string lines;         // "host:example.com\nx-amz-date:...\n"
  std::string signed_names;  // "host;x-amz-date"
};

CanonicalHeaders canonical_headers(const http::Request& request, const http::Url& origin) {
  http::Headers headers = request.headers;
  headers.emplace_back("host", origin.authority());
  std::stable_sort(headers.begin(), headers.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  CanonicalHeaders canonical;
  std::string_view last;
  for (const auto& [name, value] : headers) {
    if (name == last) {  // a repeated header is one line, its values joined
      canonical.lines.back() = ',';
      canonical.lines.append(canonical_value(value)).push_back('\n');
      continue;
    }
    last = name;
    canonical.lines.append(name).append(":").append(canonical_value(value)).push_back('\n');
    canonical.signed_names.append(canonical.signed_names.empty() ? "" : ";").append(name);
  }
  return canonical;
}

void set_header(http::Request& request, std::string_view name, std::string value) {
  std::erase_if(request.headers, [&](const auto& header) { return header.first == name; });
  request.headers.emplace_back(name, std::move(value));
}

}  // namespace

void sign_v4(http::Request& request, const http::Url& origin, const SigningScope& scope, const Credentials& credentials,
             Clock::TimePoint now) {
  const std::string time = to_basic_time(now);
  const std::string date = time.substr(0, 8);
  std::erase_if(request.headers, [](const auto& header) { return header.first == "authorization"; });
  set_header(request, "x-amz-date", time);
  if (!credentials.session_token.empty()) {
    set_header(request, "x-amz-security-token", credentials.session_token);
  }
  const CanonicalHeaders headers = canonical_headers(request, origin);
  const std::string_view path = http::target_path(request.target);
  const SignatureScope signature_scope{date, scope.region, scope.service};
  const CanonicalRequest canonical{request.method,
                                   scope.encode_path_again ? canonical_path(path) : std::string(path),
                                   canonical_query(request.target),
                                   headers.lines,
                                   headers.signed_names,
                                   sha256_hex(as_bytes(request.body))};
  request.headers.emplace_back("authorization",
                               std::string(kSigV4Algorithm) + " Credential=" + credentials.access_key_id + "/" +
                                   signature_scope.text() + ", SignedHeaders=" + headers.signed_names + ", Signature=" +
                                   signature_v4(canonical, time, signature_scope, credentials.secret_access_key));
}

Status SigV4Signer::sign(http::Request& request, const http::Url& origin) {
  FACEPIPE_ASSIGN(const Credentials credentials, credentials_.get());
  sign_v4(request, origin, scope_, credentials, clock_.now());
  return {};
}

}  // namespace facepipe::aws
