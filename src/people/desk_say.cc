// What is said of faces, visits and groups. Tested by people_desk_test.cc.
#include <algorithm>
#include <map>
#include <set>

#include "faces/ids.h"
#include "gallery/person_id.h"
#include "people/desk_work.h"

namespace facepipe::people {
namespace {

using faces::FaceRecord;
using faces::Mark;

Result<std::vector<FaceRecord>> faces_of(faces::FaceStore& store, const faces::FaceFilter& filter) {
  return faces::all_of<FaceRecord>([&](const faces::PageRequest& page) { return store.faces(filter, page); },
                                   kMostFaces);
}

Decided said(std::string action, std::string event, Saying saying) {
  Decided decided;
  decided.action = std::move(action);
  decided.event = std::move(event);
  decided.note.forward = std::move(saying.forward);
  decided.note.back = std::move(saying.back);
  return decided;
}

}  // namespace

float quality_of(const FaceRecord& face) {
  return face.quality.value_or(0.5F);
}

VisitCorrection as_it_is(const faces::VisitRecord& visit) {
  return {.visit = visit.id,
          .person = visit.person,
          .name = visit.name,
          .unknown = visit.unknown,
          .probability = visit.probability,
          .corrected_by = visit.corrected_by};
}

UnknownCorrection as_it_is(const faces::UnknownRecord& unknown) {
  return {.unknown = unknown.id,
          .faces = unknown.faces,
          .visits = unknown.visits,
          .best_face = unknown.best_face,
          .ignored = unknown.ignored};
}

void Saying::mark(const FaceRecord& face, Mark mark, std::optional<PersonId> person, bool leaves_group) {
  const FaceMark before{.face = face.id, .mark = face.mark, .person = face.marked_person, .unknown = face.unknown};
  FaceMark after = before;
  after.mark = mark;
  after.person = person;
  if (leaves_group) {
    after.unknown.reset();
  }
  if (after != before) {
    forward.faces.push_back(after);
    back.faces.push_back(before);
  }
}

Status Saying::correct(VisitId id, const std::optional<Target>& person) {
  FACEPIPE_ASSIGN(const auto visit, if_there(store_.visit(id)));
  if (!visit) {
    return {};
  }
  VisitCorrection after{.visit = id,
                        .person = person ? std::optional(person->id) : std::nullopt,
                        .name = person ? person->name : "",
                        .unknown = {},
                        .probability = {},
                        .corrected_by = who_.empty() ? "somebody" : who_};
  if (VisitCorrection before = as_it_is(*visit); after != before) {
    forward.corrections.visits.push_back(std::move(after));
    back.corrections.visits.push_back(std::move(before));
  }
  return {};
}

Status Saying::leave_group(UnknownId id, int faces, int visits) {
  FACEPIPE_ASSIGN(const auto unknown, if_there(store_.unknown(id)));
  if (!unknown) {
    return {};
  }
  UnknownCorrection after = as_it_is(*unknown);
  after.faces = std::max(0, after.faces - faces);
  after.visits = std::max(0, after.visits - visits);
  if (after.faces == 0) {
    after.best_face.reset();
  } else if (after.best_face) {
    FACEPIPE_ASSIGN(after.best_face, best_left(id, *after.best_face));
  }
  forward.corrections.unknowns.push_back(after);
  back.corrections.unknowns.push_back(as_it_is(*unknown));
  return {};
}

// The group's best face, where that stays in it; else the best of those that do.
Result<std::optional<FaceId>> Saying::best_left(UnknownId group, FaceId best_so_far) const {
  std::set<FaceId> gone;
  for (const FaceMark& mark : forward.faces) {
    if (mark.unknown != group) {
      gone.insert(mark.face);
    }
  }
  if (!gone.contains(best_so_far)) {
    return std::optional(best_so_far);
  }
  faces::FaceFilter of_group;
  of_group.unknown = group;
  FACEPIPE_ASSIGN(auto faces, faces_of(store_, of_group));
  std::erase_if(faces, [&](const FaceRecord& face) { return !face.has_crop || gone.contains(face.id); });
  const auto best = std::ranges::max_element(faces, {}, quality_of);
  return best != faces.end() ? std::optional(best->id) : std::nullopt;
}

Status Saying::ignore_group(UnknownId id, bool ignored) {
  FACEPIPE_ASSIGN(const faces::UnknownRecord unknown, store_.unknown(id));
  UnknownCorrection after = as_it_is(unknown);
  after.ignored = ignored;
  if (after != as_it_is(unknown)) {
    forward.corrections.unknowns.push_back(after);
    back.corrections.unknowns.push_back(as_it_is(unknown));
  }
  return {};
}

Status Saying::becomes(PersonId from, const Target& into) {
  faces::FaceFilter told;
  told.person = from;
  FACEPIPE_ASSIGN(const auto faces, faces_of(store_, told));
  for (const FaceRecord& face : faces) {
    mark(face, Mark::kAssigned, into.id, /*leaves_group=*/false);
  }
  faces::VisitFilter theirs;
  theirs.person = from;
  FACEPIPE_ASSIGN(const auto visits,
                  faces::all_of<faces::VisitRecord>(
                      [&](const faces::PageRequest& page) { return store_.visits(theirs, page); }, kMostFaces));
  for (const faces::VisitRecord& visit : visits) {
    VisitCorrection after = as_it_is(visit);
    after.person = into.id;
    after.name = into.name;
    forward.corrections.visits.push_back(std::move(after));
    back.corrections.visits.push_back(as_it_is(visit));
  }
  return {};
}

// Faces, with the visits that they are said for and the groups that they leave, to be one person's.
Result<Assigned> PeopleDesk::Work::assign(const std::vector<FaceRecord>& faces, const std::set<VisitId>& visits,
                                          const Whom& whom, std::string_view action, std::string_view who) {
  FACEPIPE_ASSIGN(const auto gallery, read());
  FACEPIPE_ASSIGN(Target target, find_or_make(*gallery, whom));
  const auto decide = [&](const Target& person) -> Result<Decided> {
    Saying saying(*parts_.store, who);
    std::map<UnknownId, int> left;
    for (const FaceRecord& face : faces) {
      left[face.unknown.value_or(UnknownId{})] += 1;
      saying.mark(face, Mark::kAssigned, person.id, /*leaves_group=*/true);
    }
    std::map<UnknownId, int> visits_left;
    for (const VisitId visit : visits) {
      FACEPIPE_ASSIGN(const auto record, if_there(parts_.store->visit(visit)));
      if (record && record->unknown) {
        visits_left[*record->unknown] += 1;
        left.try_emplace(*record->unknown, 0);  // a face that is said may be in no group, or in another
      }
      FACEPIPE_TRY(saying.correct(visit, person));
    }
    for (const auto& [unknown, count] : left) {
      if (unknown != UnknownId{}) {
        FACEPIPE_TRY(saying.leave_group(unknown, count, visits_left[unknown]));
      }
    }
    Decided decided = said(std::string(action), "face.assigned", std::move(saying));
    decided.note.person = person.id;
    decided.note.name = person.name;
    return decided;
  };
  Assigned assigned;
  if (!target.is_new) {
    FACEPIPE_ASSIGN(Decided decided, decide(target));
    FACEPIPE_ASSIGN(static_cast<Changed&>(assigned), change_kept(decided, who));
  } else {
    FACEPIPE_ASSIGN(const Enrolling how, enrolling({}));
    FACEPIPE_ASSIGN(std::vector<Candidate> best, best_of(how, faces));
    FACEPIPE_TRY(embed_candidates(how, best));
    if (!best.empty() && best.front().outcome.refusal != Refusal::kNone) {
      return Error{ErrorCode::kInvalidArgument, "somebody new needs a picture: " + best.front().outcome.message};
    }
    FACEPIPE_ASSIGN(static_cast<Changed&>(assigned), change(
                                                         [&](const gallery::Gallery& now_there) -> Result<Decided> {
                                                           FACEPIPE_ASSIGN(target, find_or_make(now_there, whom));
                                                           FACEPIPE_ASSIGN(Decided decided, decide(target));
                                                           if (target.is_new) {
                                                             add_candidates(target, now(), /*keeps=*/true, best,
                                                                            decided);
                                                             decided.event = "person.added";
                                                           }
                                                           return decided;
                                                         },
                                                         who));
  }
  assigned.person = target.id;
  assigned.name = target.name;
  assigned.is_new = target.is_new;
  return assigned;
}

// The face that shows most and is kept.
Result<std::vector<Candidate>> PeopleDesk::Work::best_of(const Enrolling& how, std::vector<FaceRecord> faces) const {
  std::ranges::stable_sort(faces, std::greater(), quality_of);
  constexpr std::size_t kTries = 10;
  std::string why = "the picture of none of them is kept any more";
  std::size_t tried = 0;
  for (const FaceRecord& face : faces) {
    FACEPIPE_ASSIGN(auto crop, if_there(parts_.store->face_crop(face.id)));
    if (!crop) {
      continue;
    }
    FACEPIPE_ASSIGN(Candidate candidate, candidate_of(how, face, *std::move(crop)));
    if (candidate.outcome.refusal == Refusal::kNone) {
      std::vector<Candidate> best;
      best.push_back(std::move(candidate));
      return best;
    }
    why = candidate.outcome.message;
    if (++tried == kTries) {
      break;
    }
  }
  return Error{ErrorCode::kInvalidArgument, "somebody new needs a picture: " + why};
}

Result<Assigned> PeopleDesk::assign_faces(std::span<const FaceId> ids, const Whom& whom, std::string_view who) {
  FACEPIPE_ASSIGN(faces::FaceStore* const store, work_->store());
  std::vector<FaceRecord> faces;
  std::set<VisitId> visits;
  for (const FaceId id : std::set<FaceId>(ids.begin(), ids.end())) {
    FACEPIPE_ASSIGN(FaceRecord face, store->face(id));
    if (face.visit) {
      visits.insert(*face.visit);
    }
    faces.push_back(std::move(face));
  }
  return work_->assign(faces, visits, whom, "face.assign", who);
}

Result<Assigned> PeopleDesk::assign_visit(VisitId visit, const Whom& whom, std::string_view who) {
  FACEPIPE_ASSIGN(faces::FaceStore* const store, work_->store());
  FACEPIPE_TRY(store->visit(visit));
  faces::FaceFilter filter;
  filter.visit = visit;
  FACEPIPE_ASSIGN(const auto faces, faces_of(*store, filter));
  return work_->assign(faces, {visit}, whom, "visit.assign", who);
}

Result<Assigned> PeopleDesk::assign_unknown(UnknownId unknown, const Whom& whom, std::string_view who) {
  FACEPIPE_ASSIGN(faces::FaceStore* const store, work_->store());
  FACEPIPE_TRY(store->unknown(unknown));
  faces::FaceFilter filter;
  filter.unknown = unknown;
  FACEPIPE_ASSIGN(const auto faces, faces_of(*store, filter));
  faces::VisitFilter theirs;
  theirs.unknown = unknown;
  FACEPIPE_ASSIGN(const auto found,
                  faces::all_of<faces::VisitRecord>(
                      [&](const faces::PageRequest& page) { return store->visits(theirs, page); }, kMostFaces));
  std::set<VisitId> visits;
  for (const faces::VisitRecord& visit : found) {
    visits.insert(visit.id);
  }
  return work_->assign(faces, visits, whom, "unknown.assign", who);
}

Result<Changed> PeopleDesk::reject_face(FaceId id, std::string_view who) {
  FACEPIPE_ASSIGN(faces::FaceStore* const store, work_->store());
  FACEPIPE_ASSIGN(const FaceRecord face, store->face(id));
  const std::optional<PersonId> person = person_of(face);
  if (!person) {
    return Error{ErrorCode::kInvalidArgument, "this face is nobody's, so it cannot be somebody else's"};
  }
  return work_->change(
      [&](const gallery::Gallery& gallery) -> Result<Decided> {
        Saying saying(*store, who);
        saying.mark(face, Mark::kRejected, person, /*leaves_group=*/false);
        if (face.visit) {
          FACEPIPE_ASSIGN(const auto visit, if_there(store->visit(*face.visit)));
          if (visit && visit->person == person) {
            FACEPIPE_TRY(saying.correct(*face.visit, std::nullopt));
          }
        }
        Decided decided = said("face.reject", "face.rejected", std::move(saying));
        decided.note.person = person;
        decided.more.emplace_back("face", faces::to_text(id));
        if (const auto found = gallery.find(*person)) {
          decided.note.name = gallery.people()[*found].name;
          const EmbeddingRef ref{EmbeddingRef::Kind::kFace, static_cast<std::uint64_t>(id)};
          const auto op = [&](GalleryOp::Kind kind) {
            return GalleryOp{.kind = kind, .person = *person, .embedding = ref};
          };
          decided.note.forward.gallery = {op(GalleryOp::Kind::kReject)};
          decided.note.back.gallery = {op(GalleryOp::Kind::kUnreject)};
        }
        return decided;
      },
      who);
}

Result<Changed> PeopleDesk::Work::mark(FaceId id, Mark mark, std::string_view action, std::string_view event,
                                       std::string_view who) {
  FACEPIPE_ASSIGN(faces::FaceStore* const store, this->store());
  FACEPIPE_ASSIGN(const FaceRecord face, store->face(id));
  Saying saying(*store, who);
  saying.mark(face, mark, std::nullopt, /*leaves_group=*/mark == Mark::kNoFace);
  if (mark == Mark::kNoFace && face.unknown) {
    FACEPIPE_TRY(saying.leave_group(*face.unknown, 1, 0));
  }
  Decided decided = said(std::string(action), std::string(event), std::move(saying));
  decided.more.emplace_back("face", faces::to_text(id));
  return change_kept(decided, who);
}

Result<Changed> PeopleDesk::ignore_face(FaceId face, std::string_view who) {
  return work_->mark(face, Mark::kIgnored, "face.ignore", "face.ignored", who);
}

Result<Changed> PeopleDesk::not_a_face(FaceId face, std::string_view who) {
  return work_->mark(face, Mark::kNoFace, "face.no_face", "face.changed", who);
}

Result<Changed> PeopleDesk::clear_mark(FaceId face, std::string_view who) {
  return work_->mark(face, Mark::kNone, "face.clear", "face.changed", who);
}

Result<Changed> PeopleDesk::ignore_unknown(UnknownId unknown, bool ignored, std::string_view who) {
  FACEPIPE_ASSIGN(faces::FaceStore* const store, work_->store());
  Saying saying(*store, who);
  FACEPIPE_TRY(saying.ignore_group(unknown, ignored));
  Decided decided = said(ignored ? "unknown.ignore" : "unknown.see", "unknown.changed", std::move(saying));
  decided.more.emplace_back("unknown", faces::to_text(unknown));
  return work_->change_kept(decided, who);
}

}  // namespace facepipe::people
