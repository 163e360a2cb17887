// What becomes of a visit when people say who it is, and of a person who is renamed, merged into another, or removed.
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
// The visit is what is said of it. Nobody comes second.
void apply(const VisitCorrection& correction, faces::VisitRecord& visit);

}  // namespace facepipe::visits
