// Tested by sigv4_test.cc against values of AWS's own botocore, and by tests/lambda against moto, which checks
// signatures.
#include "aws/signing/sigv4.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <ctime>
#include <span>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/check.h"
#include "base/hash.h"

namespace facepipe::aws {
namespace {

constexpr std::string_view kAlgorithm = "AWS4-HMAC-SHA256";

std::string hmac_sha256(std::string_view key, std::string_view text) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int size = 0;
  const ByteView bytes = as_bytes(text);
  FACEPIPE_CHECK(HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), as_uchar(bytes), bytes.size(),
                      digest.data(), &size) != nullptr);
  return std::string(as_text(std::as_bytes(std::span(digest)).first(size)));
}

std::string hex(std::string_view bytes) {
  constexpr char kHex[] = "0123456789abcdef";
  std::string text;
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    text.push_back(kHex[byte >> 4U]);
    text.push_back(kHex[byte & 15U]);
  }
  return text;
}

// "20150830T123600Z"
std::string amz_date(Clock::TimePoint now) {
  const std::time_t seconds = std::chrono::floor<std::chrono::seconds>(now).time_since_epoch().count();
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  std::array<char, 32> text{};
  const std::size_t size = std::strftime(text.data(), text.size(), "%Y%m%dT%H%M%SZ", &parts);
  return {text.data(), size};
}

// Each segment of the path encoded once more, as every service but S3 wants it; the request's own encoding counts as
// plain text.
std::string canonical_path(std::string_view path) {
  std::string encoded;
  while (!path.empty()) {
    const std::size_t slash = path.find('/');
    encoded.append(http::percent_encode(path.substr(0, slash)));
    if (slash == std::string_view::npos) {
      break;
    }
    encoded.push_back('/');
    path.remove_prefix(slash + 1);
  }
  return encoded.empty() ? "/" : encoded;
}

// Decoded pairs, encoded the one way that the signature knows, sorted by name, then value.
std::string canonical_query(std::string_view target) {
  std::vector<std::pair<std::string, std::string>> pairs = http::query_pairs(target);
  for (auto& [name, value] : pairs) {
    name = http::percent_encode(name);
    value = http::percent_encode(value);
  }
  std::sort(pairs.begin(), pairs.end());
  std::string query;
  for (const auto& [name, value] : pairs) {
    query.append(query.empty() ? "" : "&").append(name).append("=").append(value);
  }
  return query;
}

// Ends trimmed, runs of spaces inside made one.
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
  const std::string time = amz_date(now);
  const std::string date = time.substr(0, 8);
  std::erase_if(request.headers, [](const auto& header) { return header.first == "authorization"; });
  set_header(request, "x-amz-date", time);
  if (!credentials.session_token.empty()) {
    set_header(request, "x-amz-security-token", credentials.session_token);
  }
  const CanonicalHeaders headers = canonical_headers(request, origin);
  const std::string_view path = http::target_path(request.target);
  const std::string canonical_request = request.method + "\n" +
                                        (scope.encode_path_again ? canonical_path(path) : std::string(path)) + "\n" +
                                        canonical_query(request.target) + "\n" + headers.lines + "\n" +
                                        headers.signed_names + "\n" + sha256_hex(as_bytes(request.body));
  const std::string credential_scope = date + "/" + scope.region + "/" + scope.service + "/aws4_request";
  const std::string to_sign =
      std::string(kAlgorithm) + "\n" + time + "\n" + credential_scope + "\n" + sha256_hex(as_bytes(canonical_request));
  std::string key = hmac_sha256("AWS4" + credentials.secret_access_key, date);
  key = hmac_sha256(key, scope.region);
  key = hmac_sha256(key, scope.service);
  key = hmac_sha256(key, "aws4_request");
  request.headers.emplace_back("authorization", std::string(kAlgorithm) + " Credential=" + credentials.access_key_id +
                                                    "/" + credential_scope + ", SignedHeaders=" + headers.signed_names +
                                                    ", Signature=" + hex(hmac_sha256(key, to_sign)));
}

Status SigV4Signer::sign(http::Request& request, const http::Url& origin) {
  FACEPIPE_ASSIGN(const Credentials credentials, credentials_.get());
  sign_v4(request, origin, scope_, credentials, clock_.now());
  return {};
}

}  // namespace facepipe::aws
