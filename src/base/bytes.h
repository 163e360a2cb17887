// Owned bytes and views of bytes, and the casts between them and text. <cstddef>, <span>, <string_view> and
// <vector> come with it: who sees this file does not name them again.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

namespace facepipe {

using Bytes = std::vector<std::byte>;
using ByteView = std::span<const std::byte>;  // never outlives the bytes it looks at

[[nodiscard]] inline ByteView as_bytes(std::string_view text) {
  return std::as_bytes(std::span<const char>(text.data(), text.size()));
}
[[nodiscard]] inline std::string_view as_text(ByteView bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}
[[nodiscard]] inline const unsigned char* as_uchar(ByteView bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}
[[nodiscard]] inline Bytes to_bytes(ByteView bytes) {
  return {bytes.begin(), bytes.end()};
}

}  // namespace facepipe
