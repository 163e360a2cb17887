#include "base/hash.h"

#include <openssl/evp.h>

#include <array>

#include "base/check.h"

namespace facepipe {
namespace {

std::string digest_hex(ByteView bytes, const EVP_MD* algorithm) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int size = 0;
  FACEPIPE_CHECK(EVP_Digest(bytes.data(), bytes.size(), digest.data(), &size, algorithm, nullptr) == 1);
  constexpr char kHex[] = "0123456789abcdef";
  std::string text;
  text.reserve(size * 2UL);
  for (unsigned int i = 0; i < size; ++i) {
    text.push_back(kHex[digest[i] >> 4U]);
    text.push_back(kHex[digest[i] & 15U]);
  }
  return text;
}

}  // namespace

std::string sha256_hex(ByteView bytes) {
  return digest_hex(bytes, EVP_sha256());
}
std::string md5_hex(ByteView bytes) {
  return digest_hex(bytes, EVP_md5());
}

}  // namespace facepipe
