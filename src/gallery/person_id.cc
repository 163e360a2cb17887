// Tested by person_id_test.cc.
#include "gallery/person_id.h"

#include "base/bytes.h"
#include "base/hash.h"
#include "base/id.h"

namespace facepipe::gallery {

PersonId random_person_id() {
  return PersonId{random_id()};
}

PersonId derived_person_id(std::string_view file_digest, std::string_view name) {
  constexpr std::size_t kDigits = 16;
  Sha256 hash;
  hash.update(as_bytes(file_digest));
  hash.update(as_bytes(name));
  return parse_person_id(hash.hex().substr(0, kDigits)).value();
}

std::string to_string(PersonId id) {
  return id_text(static_cast<std::uint64_t>(id));
}

std::optional<PersonId> parse_person_id(std::string_view text) {
  const auto id = parse_id(text);
  return id ? std::optional(PersonId{*id}) : std::nullopt;
}

}  // namespace facepipe::gallery
