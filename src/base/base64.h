// Base64 (RFC 4648).
#pragma once

#include "base/bytes.h"
#include "base/result.h"

namespace facepipe {

// Standard alphabet, padded, no line breaks. Empty input -> empty text.
[[nodiscard]] std::string base64_encode(ByteView bytes);
// The same, behind what `text` has already.
void append_base64(std::string& text, ByteView bytes);
// How many characters that is, of so many bytes.
[[nodiscard]] constexpr std::size_t base64_size(std::size_t bytes) {
  return (bytes + 2) / 3 * 4;
}

// The URL-safe alphabet ("-" and "_"), without padding.
[[nodiscard]] std::string base64url_encode(ByteView bytes);

// Accepts the standard and the URL-safe alphabet, ASCII white space anywhere, and missing padding: what clients send.
// Empty text -> empty bytes. Any other character, data after padding, or an impossible length is kInvalidData whose
// message names the offset; the text itself is never quoted.
[[nodiscard]] Result<Bytes> base64_decode(std::string_view text);

}  // namespace facepipe
