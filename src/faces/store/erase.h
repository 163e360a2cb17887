// Everything of a person, a face or an unknown, out of the tables. On the committer's thread, inside a transaction.
#pragma once

#include <cstdint>

#include "base/result.h"
#include "faces/store/rows.h"

namespace facepipe::faces {

// How many records went or were changed.
[[nodiscard]] Result<std::int64_t> erase_person(const Tables& tables, PersonId person);
[[nodiscard]] Result<std::int64_t> erase_face(const Tables& tables, FaceId face);
[[nodiscard]] Result<std::int64_t> erase_unknown(const Tables& tables, UnknownId unknown);

}  // namespace facepipe::faces
