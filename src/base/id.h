// 64-bit ids: random ones, and their text.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace facepipe {

// 64 random bits of the operating system, so that one comes again once in 2^64; the program ends if there are none.
[[nodiscard]] std::uint64_t random_id();
// 16 lower-case hexadecimal characters, and back; nullopt for any other text.
[[nodiscard]] std::string id_text(std::uint64_t id);
[[nodiscard]] std::optional<std::uint64_t> parse_id(std::string_view text);

}  // namespace facepipe
