// Pictures that were rejected as another person's (`people reject`) and show the one who is erased.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "base/result.h"
#include "gallery/known_people.h"

namespace facepipe::app {

struct ErasedRejected {
  std::size_t pictures = 0;
  // Of them, as the files of a gallery and its companion have them (base64), for a search.
  std::vector<std::string> embeddings;
};

// Takes each picture rejected for another person that the gallery's people and threshold say is this one's: nearest to
// them of everybody, and within the threshold where there is one. What a person's own rejected pictures are goes with
// the person (KnownPeople::remove).
[[nodiscard]] Result<ErasedRejected> erase_rejected_of(gallery::KnownPeople& people, gallery::PersonId person);

// Pictures rejected for anybody.
[[nodiscard]] std::size_t rejected_count(const gallery::Gallery& gallery);

}  // namespace facepipe::app
