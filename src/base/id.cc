// Tested by id_test.cc.
#include "base/id.h"

#include <unistd.h>

#include <array>

#include "base/check.h"
#include "base/hash.h"
#include "base/hex.h"
#include "base/text.h"

namespace facepipe {

void fill_random(std::span<std::byte> bytes) {
  FACEPIPE_CHECK(::getentropy(bytes.data(), bytes.size()) == 0);
}

std::uint64_t random_id() {
  std::uint64_t bits = 0;
  fill_random(std::as_writable_bytes(std::span(&bits, 1)));
  return bits;
}

std::string random_uuid() {
  std::array<std::byte, 16> bytes{};
  fill_random(bytes);
  bytes[6] = (bytes[6] & std::byte{0x0F}) | std::byte{0x40};  // version 4
  bytes[8] = (bytes[8] & std::byte{0x3F}) | std::byte{0x80};  // variant of RFC 9562
  std::string text = hex_encode(bytes);
  for (const std::size_t dash : {20U, 16U, 12U, 8U}) {
    text.insert(dash, 1, '-');
  }
  return text;
}

std::string id_text(std::uint64_t id) {
  return to_hex(id);
}

std::optional<std::uint64_t> parse_id(std::string_view text) {
  constexpr int kBase = 16;
  const auto bits = parse_number<std::uint64_t>(text, kBase);
  // What is written from the number again is the text: nothing else would be an id.
  return bits && to_hex(*bits) == text ? bits : std::nullopt;
}

}  // namespace facepipe
