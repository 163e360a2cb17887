// The id of a person: made, and written as text.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "gallery/index/person.h"

namespace facepipe::gallery {

// 64 random bits: a removed person's id comes again once in 2^64, and galleries that are put together hold different
// ones. Whoever adds a person still looks whether it is taken.
[[nodiscard]] PersonId random_person_id();
// Of a person in a file without ids, the same at each reading of an unchanged file: the first 64 bits of
// SHA-256(file_digest, name), big-endian. `file_digest`: the file's SHA-256 in hexadecimal.
[[nodiscard]] PersonId derived_person_id(std::string_view file_digest, std::string_view name);

// 16 lower-case hexadecimal characters, and back; nullopt for any other text.
[[nodiscard]] std::string to_string(PersonId id);
[[nodiscard]] std::optional<PersonId> parse_person_id(std::string_view text);

}  // namespace facepipe::gallery
