// Source: AWS IAM User Guide, "Create a signed AWS API request". Tested by sigv4_test.cc and verify_test.cc.
#include "aws/signing/canonical.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <array>
#include <span>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/check.h"
#include "base/hash.h"
#include "base/hex.h"
#include "http/message.h"

namespace facepipe::aws {
namespace {

std::string hmac_sha256(std::string_view key, std::string_view text) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int size = 0;
  const ByteView bytes = as_bytes(text);
  FACEPIPE_CHECK(HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), as_uchar(bytes), bytes.size(),
                      digest.data(), &size) != nullptr);
  return std::string(as_text(std::as_bytes(std::span(digest)).first(size)));
}

}  // namespace

std::string canonical_path(std::string_view path) {
  std::string encoded;
  while (!path.empty()) {
    const std::size_t slash = path.find('/');
    encoded.append(percent_encode(path.substr(0, slash)));
    if (slash == std::string_view::npos) {
      break;
    }
    encoded.push_back('/');
    path.remove_prefix(slash + 1);
  }
  return encoded.empty() ? "/" : encoded;
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
  std::string key = hmac_sha256("AWS4" + std::string(secret), scope.date);
  key = hmac_sha256(key, scope.region);
  key = hmac_sha256(key, scope.service);
  key = hmac_sha256(key, "aws4_request");
  return hex_encode(as_bytes(hmac_sha256(key, to_sign)));
}

}  // namespace facepipe::aws
