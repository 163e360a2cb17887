// Digests. SHA-256 and MD5 by OpenSSL's libcrypto.
#pragma once

#include <array>
#include <cstdint>
#include <memory>

#include "base/bytes.h"

struct evp_md_ctx_st;  // OpenSSL's EVP_MD_CTX

namespace facepipe {

// Lower-case hexadecimal, 64 characters.
[[nodiscard]] std::string sha256_hex(ByteView bytes);
// Lower-case hexadecimal, 32 characters. SQS returns MD5 digests of message bodies; never used for security.
[[nodiscard]] std::string md5_hex(ByteView bytes);

// HMAC-SHA256 (RFC 2104): 32 bytes.
[[nodiscard]] Bytes hmac_sha256(ByteView key, ByteView message);

// Whether both are the same. Its time depends on their lengths alone, never on where they differ: for what a stranger
// sends beside a secret.
[[nodiscard]] bool equal_in_constant_time(ByteView a, ByteView b);
[[nodiscard]] inline bool equal_in_constant_time(std::string_view a, std::string_view b) {
  return equal_in_constant_time(as_bytes(a), as_bytes(b));
}

// XXH64 with seed 0, as published by its author (github.com/Cyan4973/xxHash, doc/xxhash_spec.md): finds damage, 2^-64
// of it unseen, at the speed of memory and without any instruction that a CPU might lack. No defence against malice.
class Xxh64 {
 public:
  void update(ByteView bytes);
  // Of everything so far; the object goes on.
  [[nodiscard]] std::uint64_t digest() const;

 private:
  static constexpr std::size_t kStripe = 32;
  void consume(const std::byte* stripes, std::size_t count);
  static constexpr std::uint64_t kPrime1 = 0x9E3779B185EBCA87ULL;
  static constexpr std::uint64_t kPrime2 = 0xC2B2AE3D27D4EB4FULL;
  std::array<std::uint64_t, 4> lanes_ = {kPrime1 + kPrime2, kPrime2, 0, 0 - kPrime1};
  std::array<std::byte, kStripe> rest_{};  // of an incomplete stripe
  std::size_t rest_size_ = 0;
  std::uint64_t total_ = 0;
};
// The digest as 16 lower-case hexadecimal characters.
[[nodiscard]] std::string to_hex(std::uint64_t digest);

// The same as sha256_hex for what comes in parts.
class Sha256 {
 public:
  Sha256();
  void update(ByteView bytes);
  // Ends it: called once, last.
  [[nodiscard]] std::string hex();

 private:
  struct Free {
    void operator()(evp_md_ctx_st* context) const;
  };
  std::unique_ptr<evp_md_ctx_st, Free> context_;
};

}  // namespace facepipe
