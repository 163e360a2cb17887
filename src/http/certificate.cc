// Tested by client_tls_test.cc and server_tls_test.cc.
#include "http/certificate.h"

#include <openssl/evp.h>
#include <openssl/x509.h>

#include <array>
#include <span>

#include "base/bytes.h"
#include "base/hex.h"

namespace facepipe::http {

std::string sha256_of(const X509& certificate) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  if (X509_digest(&certificate, EVP_sha256(), digest.data(), &size) != 1) {
    return {};
  }
  return hex_encode(std::as_bytes(std::span(digest).first(size)));
}

}  // namespace facepipe::http
