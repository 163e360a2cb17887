// What is drawn by lot: random bytes, and ids made of them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace facepipe {

// Fills up to 256 bytes with random bits of the operating system, good for secrets; the program ends if there are none.
void fill_random(std::span<std::byte> bytes);
// 64 random bits: one comes again once in 2^64.
[[nodiscard]] std::uint64_t random_id();
// A random UUID (version 4 of RFC 9562, 122 random bits) in lower case.
[[nodiscard]] std::string random_uuid();
// 16 lower-case hexadecimal characters, and back; nullopt for any other text.
[[nodiscard]] std::string id_text(std::uint64_t id);
[[nodiscard]] std::optional<std::uint64_t> parse_id(std::string_view text);

}  // namespace facepipe
