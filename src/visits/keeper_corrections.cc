// What is said of visits and groups, or erased of them, after they were kept. Tested by keeper_corrections_test.cc.
#include <algorithm>
#include <utility>

#include "visits/events.h"
#include "visits/visit_draft.h"
#include "visits/without_face.h"

namespace facepipe::visits {

Result<faces::Written> VisitKeeper::correct(const Corrections& corrections, faces::Batch batch) {
  const std::lock_guard lock(mutex_);
  Draft draft;
  const auto prepare = [&]() -> Status {
    for (const UnknownCorrection& correction : corrections.unknowns) {
      FACEPIPE_TRY(correct_unknown(draft, correction, corrections));
    }
    for (const VisitCorrection& correction : corrections.visits) {
      FACEPIPE_TRY(correct_visit(draft, correction));
    }
    return {};
  };
  draft.batch = std::move(batch);
  if (const Status prepared = prepare(); !prepared) {
    unknowns_.rollback();
    return prepared.error();
  }
  return write(draft);
}

Status VisitKeeper::correct_visit(Draft& draft, const VisitCorrection& correction) {
  for (const auto& [name, camera] : cameras_) {
    if (camera.tracker.find(correction.visit) != nullptr) {
      static_cast<void>(tracker_of(draft, name).correct(correction, draft.changes));
      return {};
    }
  }
  auto visit = store_.visit(correction.visit);
  if (!visit) {
    return visit.error().code == ErrorCode::kNotFound ? Status{} : visit.error();
  }
  apply(correction, *visit);
  draft.changes.happenings.push_back({VisitEvent::kCorrected, *visit});
  draft.changes.visits[correction.visit] = *std::move(visit);
  return {};
}

Status VisitKeeper::correct_unknown(Draft& draft, const UnknownCorrection& correction, const Corrections& corrections) {
  if (const faces::UnknownRecord* const known = unknowns_.find(correction.unknown)) {
    static_cast<void>(unknowns_.correct(faces::rebased(correction, corrections, *known)));
    return {};
  }
  auto group = store_.unknown(correction.unknown);
  if (!group) {
    return group.error().code == ErrorCode::kNotFound ? Status{} : group.error();
  }
  apply(faces::rebased(correction, corrections, *group), *group);
  draft.batch.unknowns.push_back(*std::move(group));
  return {};
}

void VisitKeeper::forget(faces::PersonId person) {
  constexpr std::size_t kMaxForgotten = 256;  // batches that were under way then are done long before so many more
  const std::lock_guard lock(mutex_);
  forgotten_.push_back(person);
  if (forgotten_.size() > kMaxForgotten) {
    forgotten_.pop_front();
  }
  for (auto& [name, camera] : cameras_) {
    camera.tracker.forget(person);
  }
  set_gauges();
}

void VisitKeeper::forget(faces::UnknownId group) {
  const std::lock_guard lock(mutex_);
  for (auto& [name, camera] : cameras_) {
    camera.tracker.forget(group);
  }
  unknowns_.remove(group);
  unknowns_.commit();
  set_gauges();
}

Status VisitKeeper::forget(faces::FaceId id) {
  const std::lock_guard lock(mutex_);
  FACEPIPE_ASSIGN(const auto found, store_.find_faces({&id, 1}));
  for (auto& [name, camera] : cameras_) {
    camera.tracker.forget(id);
  }
  if (found.empty() || (!found.front().visit && !found.front().unknown)) {
    return {};
  }
  Draft draft;
  const auto prepare = [&]() -> Status {
    FACEPIPE_TRY(leave_visit(draft, found.front()));
    return leave_unknown(draft, found.front());
  };
  if (const Status prepared = prepare(); !prepared) {
    unknowns_.rollback();
    return prepared.error();
  }
  faces::FaceChange alone;
  alone.id = id;
  alone.visit = std::optional<faces::VisitId>();
  alone.unknown = std::optional<faces::UnknownId>();
  draft.batch.face_changes.push_back(alone);
  FACEPIPE_TRY(write(draft));
  return {};
}

Status VisitKeeper::leave_visit(Draft& draft, const faces::FaceRecord& face) {
  if (!face.visit) {
    return {};
  }
  const faces::VisitId id = *face.visit;
  const auto camera =
      std::ranges::find_if(cameras_, [id](const auto& one) { return one.second.tracker.find(id) != nullptr; });
  Tracker* const tracker = camera == cameras_.end() ? nullptr : &tracker_of(draft, camera->first);
  auto visit = tracker != nullptr ? Result(*tracker->find(id)) : store_.visit(id);
  if (!visit) {
    return visit.error().code == ErrorCode::kNotFound ? Status{} : visit.error();
  }
  FACEPIPE_ASSIGN(const auto left, without_face(store_, face, *visit));
  if (left) {
    if (tracker != nullptr) {
      tracker->replace(*left, draft.changes);
    } else {
      draft.changes.visits[id] = left->record;
    }
    draft.changes.happenings.push_back({VisitEvent::kCorrected, left->record});
    return {};
  }
  if (tracker != nullptr) {
    tracker->forget(id);
  }
  if (visit->unknown) {
    unknowns_.add_visits(*visit->unknown, -1);
  }
  draft.batch.removed_visits.push_back(id);
  draft.batch.events.push_back(visit_gone_event(id, clock_.now()));
  return {};
}

Status VisitKeeper::leave_unknown(Draft& draft, const faces::FaceRecord& face) {
  if (!face.unknown) {
    return {};
  }
  const faces::UnknownRecord* const known = unknowns_.find(*face.unknown);
  auto group = known != nullptr ? Result(*known) : store_.unknown(*face.unknown);
  if (!group) {
    return group.error().code == ErrorCode::kNotFound ? Status{} : group.error();
  }
  FACEPIPE_ASSIGN(const auto left, without_face(store_, face, *group));
  if (known == nullptr && left) {
    draft.batch.unknowns.push_back(*left);
  } else if (left) {
    static_cast<void>(unknowns_.replace(*left));
  } else if (known == nullptr) {
    draft.batch.removed_unknowns.push_back(group->id);
  } else {
    unknowns_.remove(group->id);
  }
  for (const auto& [id, visit] : draft.changes.visits) {
    if (!left && visit.unknown == face.unknown) {
      set_unknown(draft, id, std::nullopt);
    }
  }
  return {};
}

}  // namespace facepipe::visits
