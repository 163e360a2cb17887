#include "base/hash.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <bit>
#include <cstring>

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

static_assert(std::endian::native == std::endian::little, "XXH64 reads little-endian words");

constexpr std::uint64_t kXxhPrime1 = 0x9E3779B185EBCA87ULL;
constexpr std::uint64_t kXxhPrime2 = 0xC2B2AE3D27D4EB4FULL;
constexpr std::uint64_t kXxhPrime3 = 0x165667B19E3779F9ULL;
constexpr std::uint64_t kXxhPrime4 = 0x85EBCA77C2B2AE63ULL;
constexpr std::uint64_t kXxhPrime5 = 0x27D4EB2F165667C5ULL;

template <typename Word>
Word word_at(const std::byte* bytes) {
  Word word{};
  std::memcpy(&word, bytes, sizeof(word));
  return word;
}

std::uint64_t xxh_round(std::uint64_t lane, std::uint64_t word) {
  return std::rotl(lane + word * kXxhPrime2, 31) * kXxhPrime1;
}

std::uint64_t xxh_merge(std::uint64_t hash, std::uint64_t lane) {
  return (hash ^ xxh_round(0, lane)) * kXxhPrime1 + kXxhPrime4;
}

std::uint64_t xxh_avalanche(std::uint64_t hash) {
  hash = (hash ^ (hash >> 33U)) * kXxhPrime2;
  hash = (hash ^ (hash >> 29U)) * kXxhPrime3;
  return hash ^ (hash >> 32U);
}

// Words of eight, four and one bytes that fill no stripe.
std::uint64_t xxh_tail(std::uint64_t hash, ByteView rest) {
  for (; rest.size() >= sizeof(std::uint64_t); rest = rest.subspan(sizeof(std::uint64_t))) {
    hash = std::rotl(hash ^ xxh_round(0, word_at<std::uint64_t>(rest.data())), 27) * kXxhPrime1 + kXxhPrime4;
  }
  if (rest.size() >= sizeof(std::uint32_t)) {
    hash = std::rotl(hash ^ (word_at<std::uint32_t>(rest.data()) * kXxhPrime1), 23) * kXxhPrime2 + kXxhPrime3;
    rest = rest.subspan(sizeof(std::uint32_t));
  }
  for (const std::byte byte : rest) {
    hash = std::rotl(hash ^ (std::to_integer<std::uint64_t>(byte) * kXxhPrime5), 11) * kXxhPrime1;
  }
  return hash;
}

}  // namespace

Bytes hmac_sha256(ByteView key, ByteView message) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int size = 0;
  FACEPIPE_CHECK(HMAC(EVP_sha256(), as_uchar(key), static_cast<int>(key.size()), as_uchar(message), message.size(),
                      digest.data(), &size) != nullptr);
  return to_bytes(std::as_bytes(std::span(digest)).first(size));
}

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

void Xxh64::consume(const std::byte* stripes, std::size_t count) {
  auto [a, b, c, d] = lanes_;  // in registers
  for (; count > 0; --count, stripes += kStripe) {
    a = xxh_round(a, word_at<std::uint64_t>(stripes));
    b = xxh_round(b, word_at<std::uint64_t>(stripes + 8));
    c = xxh_round(c, word_at<std::uint64_t>(stripes + 16));
    d = xxh_round(d, word_at<std::uint64_t>(stripes + 24));
  }
  lanes_ = {a, b, c, d};
}

bool equal_in_constant_time(ByteView a, ByteView b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

void Xxh64::update(ByteView bytes) {
  total_ += bytes.size();
  if (rest_size_ > 0) {
    const std::size_t more = std::min(kStripe - rest_size_, bytes.size());
    std::copy_n(bytes.begin(), more, rest_.begin() + static_cast<std::ptrdiff_t>(rest_size_));
    rest_size_ += more;
    bytes = bytes.subspan(more);
    if (rest_size_ < kStripe) {
      return;
    }
    consume(rest_.data(), 1);
    rest_size_ = 0;
  }
  consume(bytes.data(), bytes.size() / kStripe);
  const ByteView rest = bytes.last(bytes.size() % kStripe);
  std::copy(rest.begin(), rest.end(), rest_.begin());
  rest_size_ = rest.size();
}

std::uint64_t Xxh64::digest() const {
  std::uint64_t hash = kXxhPrime5;
  if (total_ >= kStripe) {
    hash = std::rotl(lanes_[0], 1) + std::rotl(lanes_[1], 7) + std::rotl(lanes_[2], 12) + std::rotl(lanes_[3], 18);
    for (const std::uint64_t lane : lanes_) {
      hash = xxh_merge(hash, lane);
    }
  }
  return xxh_avalanche(xxh_tail(hash + total_, ByteView(rest_).first(rest_size_)));
}

}  // namespace facepipe
