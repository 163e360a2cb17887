#include "base/hash.h"

#include <openssl/evp.h>

#include <array>
#include <span>

#include "base/check.h"
#include "base/hex.h"

namespace facepipe {
namespace {

std::string digest_hex(ByteView bytes, const EVP_MD* algorithm) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int size = 0;
  FACEPIPE_CHECK(EVP_Digest(bytes.data(), bytes.size(), digest.data(), &size, algorithm, nullptr) == 1);
  return hex_encode(std::as_bytes(std::span(digest)).first(size));
}

}  // namespace

std::string sha256_hex(ByteView bytes) {
  return digest_hex(bytes, EVP_sha256());
}
std::string md5_hex(ByteView bytes) {
  return digest_hex(bytes, EVP_md5());
}

void Sha256::Free::operator()(evp_md_ctx_st* context) const {
  EVP_MD_CTX_free(context);
}

Sha256::Sha256() : context_(EVP_MD_CTX_new()) {
  FACEPIPE_CHECK(context_ != nullptr && EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr) == 1);
}

void Sha256::update(ByteView bytes) {
  FACEPIPE_CHECK(EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size()) == 1);
}

std::string Sha256::hex() {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int size = 0;
  FACEPIPE_CHECK(EVP_DigestFinal_ex(context_.get(), digest.data(), &size) == 1);
  return hex_encode(std::as_bytes(std::span(digest)).first(size));
}

std::string to_hex(std::uint64_t digest) {
  return hex_number(digest, 16);
}

}  // namespace facepipe
