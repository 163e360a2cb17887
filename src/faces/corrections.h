// What people say of visits and of groups of unknown faces, in place of what the faces say.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "faces/records.h"

namespace facepipe::faces {

// Who a visit is said to be, in place of what the faces say: holds for as long as `corrected_by` is not empty.
struct VisitCorrection {
  VisitId visit{};
  std::optional<PersonId> person;    // absent: nobody whose name is known
  std::string name;                  // of the person; empty without one
  std::optional<UnknownId> unknown;  // without a person: the group of its faces
  std::optional<float> probability;
  std::string corrected_by;  // empty: nobody any more, the faces are heard again

  friend bool operator==(const VisitCorrection&, const VisitCorrection&) = default;
};

// What is said of a group of unknown faces. A group that is somebody's stays, with no faces: faces that come later and
// are alike are in it again.
struct UnknownCorrection {
  UnknownId unknown{};
  int faces = 0;
  int visits = 0;
  std::optional<FaceId> best_face;
  bool ignored = false;

  friend bool operator==(const UnknownCorrection&, const UnknownCorrection&) = default;
};

// The visit is what is said of it. Nobody comes second.
void apply(const VisitCorrection& correction, VisitRecord& visit);
void apply(const UnknownCorrection& correction, UnknownRecord& group);

struct Corrections {
  std::vector<VisitCorrection> visits;
  std::vector<UnknownCorrection> unknowns;
  std::vector<UnknownCorrection> seen = {};  // groups as they were when `unknowns` was decided; absent: as they are
  [[nodiscard]] bool empty() const { return visits.empty() && unknowns.empty(); }
  friend bool operator==(const Corrections&, const Corrections&) = default;
};

// One of `corrections.unknowns` for the group as it is now: faces may have joined it, or left, since that was decided.
[[nodiscard]] UnknownCorrection rebased(const UnknownCorrection& correction, const Corrections& corrections,
                                        const UnknownRecord& now);

}  // namespace facepipe::faces
