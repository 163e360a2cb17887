// What a start takes up again of what was kept: visits that are not over, and the groups of unknown faces.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/result.h"
#include "faces/face_store.h"
#include "visits/tracker.h"
#include "visits/unknowns.h"

namespace facepipe::visits {

// By camera. The store's errors; a visit whose faces are gone is taken up without them.
[[nodiscard]] Result<std::map<std::string, std::vector<OpenVisit>>> open_visits(faces::FaceStore& store);
// The last seen Unknowns::kMaxGroups of them.
[[nodiscard]] Status restore_unknowns(faces::FaceStore& store, Unknowns& unknowns);

}  // namespace facepipe::visits
