// What is kept of a person who is erased, wherever it lies.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "faces/face_store.h"
#include "gallery/known_people.h"
#include "people/visit_desk.h"

namespace facepipe::people {

struct ErasedRejected {
  std::size_t pictures = 0;
  // Of them, as the files of a gallery and its companion have them (base64), for a search.
  std::vector<std::string> embeddings;
};
// Takes each picture rejected for another person that is this one's: nearest to them of everybody, and within
// `threshold` where there is one. What a person's own rejected pictures are goes with the person
// (KnownPeople::remove).
[[nodiscard]] Result<ErasedRejected> erase_rejected_of(gallery::KnownPeople& people, faces::PersonId person,
                                                       std::optional<float> threshold);

// FaceStore::erase of the person, who is in no gallery any more; before that of those who were merged into them, by the
// log, and of the groups of unknown faces that became theirs whole. May be done again after a crash. How many records.
[[nodiscard]] Result<std::int64_t> erase_kept(faces::FaceStore& store, VisitDesk& visits, faces::PersonId person);

}  // namespace facepipe::people
