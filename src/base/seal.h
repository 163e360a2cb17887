// Encryption at rest with a key that the user holds: AES-256 in Galois/counter mode (NIST SP 800-38D), by OpenSSL.
//
// Sealed bytes: the 8 bytes of kSealMagic, the key's id (8), a random nonce (12), the ciphertext, the tag (16).
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>

#include "base/bytes.h"
#include "base/result.h"

namespace facepipe {

inline constexpr std::string_view kSealMagic{"FPSEAL1\0", 8};
inline constexpr std::size_t kSealOverhead = 8 + 8 + 12 + 16;

// 256 random bits. Its id, the start of its SHA-256, tells keys apart and nothing else. The nonces are random, so that
// one key serves 2^32 seals: a message a millisecond for seven weeks, a face a second for a century.
class SealingKey {
 public:
  static constexpr std::size_t kBytes = 32;

  // Writes a new key into a file of mode 0600: one line, "facepipe-key-1 " and base64. kAlreadyExists if the file is
  // there: a key that is overwritten is lost, and all that it sealed with it.
  [[nodiscard]] static Status make_file(const std::filesystem::path& file);
  // kInvalidData for a file that is no key, kPermission for one that others than its owner may read; the message names
  // the file and never its content.
  [[nodiscard]] static Result<SealingKey> from_file(const std::filesystem::path& file);

  SealingKey(const SealingKey&) = default;
  SealingKey& operator=(const SealingKey&) = default;
  ~SealingKey();  // wipes the key from memory

  [[nodiscard]] ByteView id() const { return std::as_bytes(std::span(id_)); }

  // `context` says what the bytes are ("gallery", a message's id): sealed bytes open under the same context only, so
  // that one piece cannot be put in another's place. Thread-safe.
  [[nodiscard]] Bytes seal(ByteView plain, std::string_view context) const;
  // kInvalidData for bytes that are not sealed, cut short, changed, or of another context; kMismatch for another key's.
  [[nodiscard]] Result<Bytes> open(ByteView sealed, std::string_view context) const;

  // The first 64 bits, big-endian, of the HMAC-SHA256 of the text under a key of this purpose, which is derived from
  // this one: equal texts are found by it, and nobody without the key can try texts. Thread-safe.
  [[nodiscard]] std::uint64_t fingerprint(std::string_view text, std::string_view context) const;

 private:
  explicit SealingKey(const std::array<std::uint8_t, kBytes>& bytes);
  std::array<std::uint8_t, kBytes> bytes_;
  std::array<std::uint8_t, 8> id_;
};

[[nodiscard]] inline bool is_sealed(ByteView bytes) {
  return as_text(bytes).starts_with(kSealMagic);
}

}  // namespace facepipe
