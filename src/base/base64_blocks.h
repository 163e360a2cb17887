// Base64 in whole vectors, for base64.cc, which does what lies between them. Source of the method: Mula and Lemire
// 2018, arXiv:1704.00605.
#pragma once

#include <cstddef>

namespace facepipe::base64 {

// Bytes that a call may write past its results.
inline constexpr std::size_t kBlockSlack = 8;

// Decodes from the start of `text` for as long as whole blocks hold nothing but characters of the standard or the
// URL-safe alphabet. Returns how many characters that were, a multiple of 4; three bytes are in `out` for each four.
// `out`: room for size / 4 * 3 + kBlockSlack bytes. Thread-safe.
[[nodiscard]] std::size_t decode_blocks(const char* text, std::size_t size, std::byte* out);

// Encodes whole blocks from the start of `bytes`, standard alphabet. Returns how many bytes that were, a multiple of 3;
// four characters are in `out` for each three, and nothing is written past them. Thread-safe.
[[nodiscard]] std::size_t encode_blocks(const std::byte* bytes, std::size_t size, char* out);

}  // namespace facepipe::base64
