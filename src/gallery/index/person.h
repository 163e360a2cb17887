// Who somebody is, for modules that know people and no gallery.
#pragma once

#include <cstdint>

namespace facepipe::gallery {

// It stays through renaming, and nobody gets a removed person's again (gallery/person_id.h).
enum class PersonId : std::uint64_t {};

}  // namespace facepipe::gallery
