// What becomes of a visit of a person who is renamed, merged into another, or removed.
#pragma once

#include <optional>
#include <string>

#include "faces/records.h"
#include "visits/corrections.h"

namespace facepipe::visits {

struct Named {
  faces::PersonId person{};
  std::string name;
};

struct PersonChange {
  faces::PersonId person{};
  std::optional<Named> now;  // absent: removed
};

// Changes the person and the second of the record, where it is they. True if there was something to change.
bool apply(const PersonChange& change, faces::VisitRecord& visit);

}  // namespace facepipe::visits
