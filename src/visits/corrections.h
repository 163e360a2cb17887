// What people say of visits and of groups of unknown faces, while these are under way.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "faces/records.h"

namespace facepipe::visits {

// Who a visit is said to be, in place of what its faces say: holds for as long as `corrected_by` is not empty.
struct VisitCorrection {
  faces::VisitId visit{};
  std::optional<faces::PersonId> person;    // absent: nobody whose name is known
  std::string name;                         // of the person; empty without one
  std::optional<faces::UnknownId> unknown;  // without a person: the group of its faces
  std::optional<float> probability;
  std::string corrected_by;  // empty: nobody any more, the faces are heard again
};

// What is said of a group of unknown faces. A group that is somebody's stays, with no faces: faces that come later and
// are alike are in it again.
struct UnknownCorrection {
  faces::UnknownId unknown{};
  int faces = 0;
  int visits = 0;
  std::optional<faces::FaceId> best_face;
  bool ignored = false;
};

struct Corrections {
  std::vector<VisitCorrection> visits;
  std::vector<UnknownCorrection> unknowns;
};

}  // namespace facepipe::visits
