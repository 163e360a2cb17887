// Tested by person_id_test.cc.
#include "gallery/person_id.h"

#include <unistd.h>

#include <charconv>

#include "base/bytes.h"
#include "base/check.h"
#include "base/hash.h"

namespace facepipe::gallery {
namespace {

constexpr std::size_t kDigits = 16;
constexpr int kBase = 16;

}  // namespace

PersonId random_person_id() {
  std::uint64_t bits = 0;
  FACEPIPE_CHECK(::getentropy(&bits, sizeof bits) == 0);
  return PersonId{bits};
}

PersonId derived_person_id(std::string_view file_digest, std::string_view name) {
  Sha256 hash;
  hash.update(as_bytes(file_digest));
  hash.update(as_bytes(name));
  return parse_person_id(hash.hex().substr(0, kDigits)).value();
}

std::string to_string(PersonId id) {
  return to_hex(static_cast<std::uint64_t>(id));
}

std::optional<PersonId> parse_person_id(std::string_view text) {
  std::uint64_t bits = 0;
  // What is written from the number again is the text: nothing else would be an id.
  if (std::from_chars(text.begin(), text.end(), bits, kBase).ptr != text.end() || to_hex(bits) != text) {
    return std::nullopt;
  }
  return PersonId{bits};
}

}  // namespace facepipe::gallery
