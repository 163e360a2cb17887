// Tested by id_test.cc.
#include "base/id.h"

#include <unistd.h>

#include <charconv>

#include "base/check.h"
#include "base/hash.h"

namespace facepipe {

std::uint64_t random_id() {
  std::uint64_t bits = 0;
  FACEPIPE_CHECK(::getentropy(&bits, sizeof bits) == 0);
  return bits;
}

std::string id_text(std::uint64_t id) {
  return to_hex(id);
}

std::optional<std::uint64_t> parse_id(std::string_view text) {
  constexpr int kBase = 16;
  std::uint64_t bits = 0;
  // What is written from the number again is the text: nothing else would be an id.
  if (std::from_chars(text.begin(), text.end(), bits, kBase).ptr != text.end() || to_hex(bits) != text) {
    return std::nullopt;
  }
  return bits;
}

}  // namespace facepipe
