// Which group of unknown faces a kept face is in. Tested by visit_keeper_test.cc.
#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "faces/pages.h"
#include "visits/likeness.h"
#include "visits/visit_draft.h"
#include "visits/without_face.h"

namespace facepipe::visits {
namespace {

// Of a face that is not good enough to found a group: it joins one only if it is nearer than a good one would have to
// be.
constexpr float kPoorShare = 0.95F;
// Of the time for which pictures of nobody are kept: a best face that is older is shown no more, for its picture goes
// while the group, which is seen again and again, stays.
constexpr int kBestShare = 2;

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

// The faces of the batch; those of visits that have got a name with it are in none.
Status VisitKeeper::group_faces(Draft& draft, const Likeness& likeness) {
  FACEPIPE_TRY(begin_in_groups(draft));
  for (std::size_t i = 0; i < draft.sightings.size(); ++i) {
    group_unknown(draft, i, likeness);
  }
  for (const VisitHappening& happening : draft.changes.happenings) {
    if (happening.event == VisitEvent::kNamed) {
      FACEPIPE_TRY(leave_group(draft, happening.visit.id));
    }
  }
  return {};
}

// A visit that begins without a name is in the group of the kept faces that were waited with.
Status VisitKeeper::begin_in_groups(Draft& draft) {
  std::map<faces::VisitId, std::vector<faces::FaceId>> waited;
  for (const auto& [face, visit] : draft.changes.joined) {
    waited[visit].push_back(face);
  }
  for (const auto& [id, faces] : waited) {
    const faces::VisitRecord& visit = draft.changes.visits.at(id);
    if (visit.person || visit.unknown) {
      continue;
    }
    FACEPIPE_ASSIGN(const std::vector<faces::FaceRecord> kept, store_.find_faces(faces));
    const auto grouped = std::ranges::find_if(
        kept, [this](const faces::FaceRecord& face) { return face.unknown && unknowns_.find(*face.unknown); });
    if (grouped != kept.end()) {
      set_unknown(draft, id, grouped->unknown);
      unknowns_.add_visits(*grouped->unknown, 1);
    }
  }
  return {};
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
  const auto age = store_.retention().unknown;
  const auto best_from = age ? clock_.now() - *age / kBestShare : Clock::TimePoint{};
  std::optional<faces::UnknownId> group;
  if (own && unknowns_.find(*own) != nullptr && std::ranges::find(taken, *own) == taken.end()) {
    group = own;
    unknowns_.join(*group, face, near == own, best_from);
  } else if (near) {
    group = near;
    unknowns_.join(*group, face, true, best_from);
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

// Kept faces of the visit that are in a group: by its own, and those that became part of it with this batch.
Result<std::vector<faces::FaceRecord>> VisitKeeper::grouped_faces(const Draft& draft, const faces::VisitRecord& visit) {
  std::vector<faces::FaceId> waited;
  for (const auto& [face, joined] : draft.changes.joined) {
    if (joined == visit.id) {
      waited.push_back(face);
    }
  }
  FACEPIPE_ASSIGN(std::vector<faces::FaceRecord> grouped, store_.find_faces(waited));
  std::erase_if(grouped, [](const faces::FaceRecord& face) { return !face.unknown; });
  if (visit.unknown) {
    faces::FaceFilter of_visit;
    of_visit.visit = visit.id;
    of_visit.unknown = visit.unknown;
    FACEPIPE_TRY(faces::each_page(
        faces::kMaxPage, [&](const faces::PageRequest& page) { return store_.faces(of_visit, page); },
        [&](const std::vector<faces::FaceRecord>& kept) -> Status {
          grouped.insert(grouped.end(), kept.begin(), kept.end());
          return {};
        }));
  }
  return grouped;
}

// A visit that has got a name is no unknown's: its faces leave their group, which is gone if it was theirs alone.
Status VisitKeeper::leave_group(Draft& draft, faces::VisitId id) {
  const faces::VisitRecord visit = draft.changes.visits.at(id);
  std::map<faces::UnknownId, std::set<faces::FaceId>> left;
  for (faces::NewFace& face : draft.batch.faces) {
    if (face.record.visit == id && face.record.unknown) {
      left[*face.record.unknown].insert(face.record.id);
      face.record.unknown.reset();
    }
  }
  FACEPIPE_ASSIGN(const auto kept, grouped_faces(draft, visit));
  for (const faces::FaceRecord& face : kept) {
    faces::FaceChange change;
    change.id = face.id;
    change.unknown = std::optional<faces::UnknownId>();
    draft.batch.face_changes.push_back(change);
    left[*face.unknown].insert(face.id);
  }
  if (visit.unknown) {
    set_unknown(draft, id, std::nullopt);
    unknowns_.add_visits(*visit.unknown, -1);
  }
  for (const auto& [group, faces] : left) {
    FACEPIPE_TRY(leave_group(draft, group, faces));
  }
  return {};
}

Status VisitKeeper::leave_group(const Draft& draft, faces::UnknownId id, const std::set<faces::FaceId>& left) {
  unknowns_.leave(id, static_cast<int>(left.size()));
  const faces::UnknownRecord* const group = unknowns_.find(id);
  if (group == nullptr) {
    return {};
  }
  if (group->faces <= 0 && !group->ignored) {
    unknowns_.remove(id);
    return {};
  }
  if (!group->best_face || !left.contains(*group->best_face)) {
    return {};
  }
  std::vector<faces::FaceRecord> fresh;  // not in the store yet
  for (const faces::NewFace& face : draft.batch.faces) {
    if (face.record.unknown == id) {
      fresh.push_back(face.record);
    }
  }
  std::set<faces::FaceId> gone;  // still in the group there
  for (const faces::FaceChange& change : draft.batch.face_changes) {
    if (change.unknown) {
      gone.insert(change.id);
    }
  }
  faces::UnknownRecord record = *group;
  FACEPIPE_ASSIGN(record.best_face, best_face_without(store_, id, gone, std::move(fresh)));
  static_cast<void>(unknowns_.replace(record));
  return {};
}

}  // namespace facepipe::visits
