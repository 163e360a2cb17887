// Everything of a person, a face or an unknown, out of the tables: in steps, each in a transaction of its own on the
// committer's thread, so that frames are written meanwhile.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/result.h"
#include "faces/store/rows.h"
#include "faces/store/traces.h"

namespace facepipe::faces {

// What one step took out; `traces`: what must not be found in the file afterwards.
struct Erased {
  std::int64_t records = 0;
  Traces traces;
};

// Each takes out a part of what is the person's, the face's, the unknown's: to be called until there is none.
[[nodiscard]] Result<Erased> erase_person_step(const Tables& tables, PersonId person);
[[nodiscard]] Result<Erased> erase_face_step(const Tables& tables, FaceId face);
[[nodiscard]] Result<Erased> erase_unknown_step(const Tables& tables, UnknownId unknown);

// Where records of others say a name or an id: texts that nothing is looked up by.
enum class NamedIn { kFace, kVisit, kPicture, kEvent, kChange };
struct Mention {
  NamedIn where{};
  std::int64_t row = 0;
};
// Where a search stands.
struct MentionSearch {
  NamedIn where = NamedIn::kFace;
  std::int64_t after = 0;
  bool done = false;
};
// The mentions in the rows that come next, some thousand of them; reads only.
[[nodiscard]] Result<std::vector<Mention>> find_mentions(const Tables& tables, const Traces& traces,
                                                         MentionSearch& search);
// Whom a face or a visit that mentions a name calls so.
[[nodiscard]] Result<std::vector<PersonId>> whom_it_names(const Tables& tables, const Traces& traces,
                                                          const Mention& mention);
// Takes the names out of them, or the whole record where that is made of them (events). How many records.
[[nodiscard]] Result<Erased> erase_mentions(const Tables& tables, const Traces& traces, std::optional<PersonId> person,
                                            std::span<const Mention> mentions);

}  // namespace facepipe::faces
