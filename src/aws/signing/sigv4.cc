// Tested by sigv4_test.cc against values of AWS's own botocore, and by tests/lambda against moto, which checks
// signatures.
#include "aws/signing/sigv4.h"

#include <algorithm>

#include "base/bytes.h"
#include "base/hash.h"
#include "base/hex.h"
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

std::string canonical_path(std::string_view path) {
  return path.empty() ? "/" : percent_encode(path, [](char c) { return c == '/' || is_unreserved(c); });
}

std::string canonical_query(std::string_view target) {
  std::vector<std::pair<std::string, std::string>> pairs = http::query_pairs(target);
  for (auto& [name, value] : pairs) {
    name = percent_encode(name);
    value = percent_encode(value);
  }
  std::sort(pairs.begin(), pairs.end());
  std::string query;
  for (const auto& [name, value] : pairs) {
    query.append(query.empty() ? "" : "&").append(name).append("=").append(value);
  }
  return query;
}

std::string canonical_value(std::string_view value) {
  std::string text;
  for (const char c : value) {
    const bool space = c == ' ' || c == '\t';
    if (!space) {
      text.push_back(c);
    } else if (!text.empty() && text.back() != ' ') {
      text.push_back(' ');
    }
  }
  if (!text.empty() && text.back() == ' ') {
    text.pop_back();
  }
  return text;
}

std::string signature_v4(const CanonicalRequest& request, std::string_view time, const SignatureScope& scope,
                         std::string_view secret) {
  const std::string canonical = request.method + "\n" + request.path + "\n" + request.query + "\n" +
                                request.header_lines + "\n" + request.signed_headers + "\n" + request.body_digest;
  const std::string to_sign = std::string(kSigV4Algorithm) + "\n" + std::string(time) + "\n" + scope.text() + "\n" +
                              sha256_hex(as_bytes(canonical));
  Bytes key = hmac_sha256(as_bytes("AWS4" + std::string(secret)), as_bytes(scope.date));
  for (const std::string_view part : {std::string_view(scope.region), std::string_view(scope.service),
                                      std::string_view("aws4_request"), std::string_view(to_sign)}) {
    key = hmac_sha256(key, as_bytes(part));
  }
  return hex_encode(key);
}

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
