// What a visit, or a group of unknown faces, is without one of its faces: made anew of the others that are kept, so
// that nothing of the one lives on in a vote, a middle or a picture.
#pragma once

#include <optional>
#include <set>
#include <vector>

#include "base/result.h"
#include "faces/face_store.h"
#include "visits/tracker.h"

namespace facepipe::visits {

// Of longer visits and larger groups, the newest faces.
inline constexpr std::size_t kMostHeard = 2'000;

// Absent: no other face of it is kept. A name that a human gave stays. Errors: the store's.
[[nodiscard]] Result<std::optional<OpenVisit>> without_face(faces::FaceStore& store, const faces::FaceRecord& face,
                                                            const faces::VisitRecord& visit);
// Likewise; one that is ignored stays as it was, but for its best face, while no other is kept.
[[nodiscard]] Result<std::optional<faces::UnknownRecord>> without_face(faces::FaceStore& store,
                                                                       const faces::FaceRecord& face,
                                                                       const faces::UnknownRecord& group);
// Of the faces that are kept of the group, but for `gone`, and of `fresh` ones that come to be, the one that shows
// most.
[[nodiscard]] Result<std::optional<faces::FaceId>> best_face_without(faces::FaceStore& store, faces::UnknownId group,
                                                                     const std::set<faces::FaceId>& gone,
                                                                     std::vector<faces::FaceRecord> fresh);

}  // namespace facepipe::visits
