// Tested by secrets_test.cc.
#include "access/secrets.h"

#include <openssl/crypto.h>
#include <openssl/rand.h>

#include <array>
#include <cstdint>
#include <span>

#include "base/bytes.h"
#include "base/hash.h"
#include "base/hex.h"

namespace facepipe::access {
namespace {

constexpr std::size_t kSecretBytes = 32;  // 256 bits
constexpr std::size_t kTokenIdBytes = 4;
constexpr std::size_t kKeyIdBytes = 10;  // 16 characters of base32
constexpr std::string_view kBase64Url = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr std::string_view kBase32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

Status fill(std::span<unsigned char> bytes) {
  if (RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) != 1) {
    return Error{ErrorCode::kUnavailable, "the system has no random numbers to give"};
  }
  return {};
}

// The bits, first to last, in groups of `group_bits`, each one character of `alphabet`; no padding (RFC 4648).
std::string encode(std::span<const unsigned char> bytes, std::string_view alphabet, unsigned group_bits) {
  std::string text;
  std::uint32_t held = 0;
  unsigned held_bits = 0;
  for (const unsigned char byte : bytes) {
    held = (held << 8U) | byte;
    held_bits += 8;
    while (held_bits >= group_bits) {
      held_bits -= group_bits;
      text.push_back(alphabet[(held >> held_bits) & (alphabet.size() - 1)]);
    }
  }
  if (held_bits > 0) {
    text.push_back(alphabet[(held << (group_bits - held_bits)) & (alphabet.size() - 1)]);
  }
  return text;
}

}  // namespace

Result<std::string> new_token() {
  std::array<unsigned char, kSecretBytes> bytes{};
  FACEPIPE_TRY(fill(bytes));
  return "fpt_" + encode(bytes, kBase64Url, 6);
}

std::string token_digest(std::string_view token) {
  return sha256_hex(as_bytes(token));
}

Result<std::string> new_token_id() {
  std::array<unsigned char, kTokenIdBytes> bytes{};
  FACEPIPE_TRY(fill(bytes));
  return hex_encode(std::as_bytes(std::span(bytes)));
}

Result<KeyPair> new_key_pair() {
  std::array<unsigned char, kKeyIdBytes> id{};
  std::array<unsigned char, kSecretBytes> secret{};
  FACEPIPE_TRY(fill(id));
  FACEPIPE_TRY(fill(secret));
  return KeyPair{"FPKA" + encode(id, kBase32, 5), encode(secret, kBase64Url, 6)};
}

bool equal_in_constant_time(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace facepipe::access
