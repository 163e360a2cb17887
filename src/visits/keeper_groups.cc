// Which group of unknown faces a kept face is in. Tested by visit_keeper_test.cc.
#include <algorithm>

#include "faces/pages.h"
#include "visits/likeness.h"
#include "visits/visit_draft.h"

namespace facepipe::visits {
namespace {

// Of a face that is not good enough to found a group: it joins one only if it is nearer than a good one would have to
// be.
constexpr float kPoorShare = 0.95F;

}  // namespace

bool VisitKeeper::is_ignored(const std::optional<faces::UnknownId>& group) const {
  const faces::UnknownRecord* const record = group ? unknowns_.find(*group) : nullptr;
  return record != nullptr && record->ignored;
}

// Of a visit of the draft, also where its tracker knows it no more: there was no room, or it is long over.
void VisitKeeper::set_unknown(Draft& draft, faces::VisitId id, std::optional<faces::UnknownId> group) {
  faces::VisitRecord& visit = draft.changes.visits.at(id);
  visit.unknown = group;
  tracker_of(draft, visit.camera).set_unknown(id, group, draft.changes);
}

// The group of an unknown face: that of its visit; else the nearest; else a new one.
void VisitKeeper::group_unknown(Draft& draft, std::size_t index, const Likeness& likeness) {
  const Sighting& face = draft.sightings[index];
  faces::FaceRecord& record = draft.batch.faces[index].record;
  const faces::VisitRecord* const visit = record.visit ? &draft.changes.visits.at(*record.visit) : nullptr;
  if (face.decision.person || (visit != nullptr && visit->person)) {
    return;
  }
  std::vector<faces::UnknownId> taken = frame_groups_.of(face.frame);
  for (const auto& [frame, group] : draft.frame_groups) {
    if (frame == face.frame) {
      taken.push_back(group);
    }
  }
  const float limit = likeness.group(unknowns_.size());
  const auto own = visit != nullptr ? visit->unknown : std::nullopt;
  const auto near = is_weak(face)
                        ? std::nullopt
                        : unknowns_.nearest(face.embedding, is_good_enough(face) ? limit : kPoorShare * limit, taken);
  std::optional<faces::UnknownId> group;
  if (own && unknowns_.find(*own) != nullptr && std::ranges::find(taken, *own) == taken.end()) {
    group = own;
    unknowns_.join(*group, face, near == own);
  } else if (near) {
    group = near;
    unknowns_.join(*group, face, true);
  } else if (is_good_enough(face)) {
    group = unknowns_.found(face);
  }
  if (!group) {
    return;
  }
  record.unknown = group;
  draft.frame_groups.emplace_back(face.frame, *group);
  if (visit != nullptr && own != group) {
    if (own) {
      unknowns_.add_visits(*own, -1);
    }
    unknowns_.add_visits(*group, 1);
    set_unknown(draft, *record.visit, group);
  }
}

// A visit that has got a name is no unknown's: its faces leave their group, which is gone if it was theirs alone.
Status VisitKeeper::leave_group(Draft& draft, faces::VisitId id) {
  const auto changed = draft.changes.visits.find(id);
  if (changed == draft.changes.visits.end() || !changed->second.unknown) {
    return {};
  }
  const faces::UnknownId group = *changed->second.unknown;
  int left = 0;
  for (faces::NewFace& face : draft.batch.faces) {
    if (face.record.visit == id && face.record.unknown == group) {
      face.record.unknown.reset();
      ++left;
    }
  }
  faces::FaceFilter of_visit;
  of_visit.visit = id;
  of_visit.unknown = group;
  FACEPIPE_TRY(faces::each_page(
      faces::kMaxPage, [&](const faces::PageRequest& page) { return store_.faces(of_visit, page); },
      [&](const std::vector<faces::FaceRecord>& kept) -> Status {
        for (const faces::FaceRecord& face : kept) {
          faces::FaceChange change;
          change.id = face.id;
          change.unknown = std::optional<faces::UnknownId>();
          draft.batch.face_changes.push_back(change);
          ++left;
        }
        return {};
      }));
  set_unknown(draft, id, std::nullopt);
  unknowns_.add_visits(group, -1);
  unknowns_.leave(group, left);
  if (const auto* const record = unknowns_.find(group); record != nullptr && record->faces <= 0 && !record->ignored) {
    unknowns_.remove(group);
  }
  return {};
}

}  // namespace facepipe::visits
