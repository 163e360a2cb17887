// What a start takes up again of what was kept: visits that are not over, and the groups of unknown faces.
#pragma once

#include <map>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "faces/face_store.h"
#include "visits/tracker.h"
#include "visits/unknowns.h"

namespace facepipe::visits {

// By camera. The store's errors; a visit whose faces are gone is taken up without them.
[[nodiscard]] Result<std::map<std::string, std::vector<OpenVisit>>> open_visits(faces::FaceStore& store);
// Of the last Tracker::kMaxEmbeddings of these faces of a visit, which stand in the order of their time: of those that
// can be told, as far as they are kept.
[[nodiscard]] Result<std::vector<std::vector<float>>> last_embeddings(faces::FaceStore& store,
                                                                      std::span<const faces::FaceRecord> faces);
// The last seen Unknowns::kMaxGroups of them.
[[nodiscard]] Status restore_unknowns(faces::FaceStore& store, Unknowns& unknowns);

}  // namespace facepipe::visits
