// Changes taken back. Tested by desk_undo_test.cc.
#include <algorithm>
#include <cmath>
#include <iterator>
#include <map>
#include <set>
#include <span>
#include <unordered_map>
#include <utility>
#include <vector>

#include "people/desk_work.h"

namespace facepipe::people {
namespace {

using Kind = GalleryOp::Kind;
using gallery::Gallery;

Error undone_already() {
  return Error{ErrorCode::kInvalidArgument, "this change was taken back already"};
}

// The records by what they are of; they outlive it.
template <typename Id, typename Record>
std::unordered_map<Id, const Record*> by_id(const std::vector<Record>& records, Id Record::* id) {
  std::unordered_map<Id, const Record*> found;
  for (const Record& record : records) {
    found.emplace(record.*id, &record);
  }
  return found;
}

// What of a change is still as the change left it, taken back: what was said or changed since stays. What stands in a
// record beside it (a group's count, who is ignored) is changed by the difference that the change made.
class TakingBack {
 public:
  TakingBack(faces::FaceStore& store, const ChangeNote& note)
      : store_(store), made_(note.forward), before_(note.back) {}

  // `gallery`: as it is; null where the change did not touch it.
  Result<std::pair<Edit, Edit>> run(const Gallery* gallery) {
    FACEPIPE_TRY(faces());
    FACEPIPE_TRY(visits());
    FACEPIPE_TRY(groups());
    FACEPIPE_TRY(pictures());
    if (gallery != nullptr) {
      people(*gallery);
    }
    retention();
    if (forward_.empty()) {
      return Error{ErrorCode::kMismatch, "nothing is left to take back: what the change made has changed since"};
    }
    return std::pair(std::move(forward_), std::move(back_));
  }

 private:
  Status faces() {
    const auto made = by_id(made_.faces, &FaceMark::face);
    for (std::size_t at = 0; at < before_.faces.size(); at += faces::kMaxPage) {
      const std::span part = std::span(before_.faces).subspan(at, std::min(faces::kMaxPage, before_.faces.size() - at));
      std::vector<FaceId> ids;
      std::ranges::transform(part, std::back_inserter(ids), &FaceMark::face);
      FACEPIPE_ASSIGN(const auto found, store_.find_faces(ids));
      const auto now = by_id(found, &faces::FaceRecord::id);
      for (const FaceMark& before : part) {
        const auto mark = made.find(before.face);
        const auto face = now.find(before.face);
        if (mark != made.end() && face != now.end()) {
          take_back(*mark->second, before, *face->second);
        } else if (mark != made.end()) {
          stays(faces_that_stay_, before.unknown, mark->second->unknown);
        }
      }
    }
    return {};
  }

  void take_back(const FaceMark& made, const FaceMark& before, const faces::FaceRecord& face) {
    if (face.mark != made.mark || face.marked_person != made.person) {
      stays(faces_that_stay_, before.unknown, made.unknown);
      return;
    }
    FaceMark after = before;
    if (face.unknown != made.unknown) {
      after.unknown = face.unknown;
      stays(faces_that_stay_, before.unknown, made.unknown);
    } else if (before.unknown) {
      comes_back(face, *before.unknown);
    }
    forward_.faces.push_back(after);
    back_.faces.push_back({.face = face.id, .mark = face.mark, .person = face.marked_person, .unknown = face.unknown});
  }

  // It is not taken back from the one group into the other; the groups' counts before and after the change say so of
  // all that it touched.
  static void stays(std::map<UnknownId, int>& counts, const std::optional<UnknownId>& before,
                    const std::optional<UnknownId>& made) {
    if (before != made && before) {
      counts[*before] += 1;
    }
    if (before != made && made) {
      counts[*made] -= 1;
    }
  }

  void comes_back(const faces::FaceRecord& face, UnknownId group) {
    const float quality = face.has_crop ? quality_of(face) : -1;
    Back& back = back_in_[group];
    back.faces.insert(face.id);
    if (quality > back.quality) {
      back.quality = quality;
      back.best = face.id;
    }
  }

  Status visits() {
    const auto made = by_id(made_.corrections.visits, &VisitCorrection::visit);
    for (const VisitCorrection& before : before_.corrections.visits) {
      FACEPIPE_ASSIGN(const auto visit, if_there(store_.visit(before.visit)));
      const auto correction = made.find(before.visit);
      if (correction == made.end()) {
        continue;
      }
      const VisitCorrection& said = *correction->second;
      if (!visit || visit->person != said.person || visit->corrected_by != said.corrected_by) {
        stays(visits_that_stay_, before.unknown, said.unknown);
        continue;
      }
      if (visit->unknown != said.unknown) {  // it has come into another group since, and leaves that one
        stays(visits_that_stay_, std::nullopt, said.unknown);
        stays(visits_that_leave_, visit->unknown, std::nullopt);
      }
      forward_.corrections.visits.push_back(before);
      back_.corrections.visits.push_back(as_it_is(*visit));
    }
    return {};
  }

  Status groups() {
    const auto made = by_id(made_.corrections.unknowns, &UnknownCorrection::unknown);
    for (const UnknownCorrection& before : before_.corrections.unknowns) {
      FACEPIPE_ASSIGN(const auto group, if_there(store_.unknown(before.unknown)));
      const auto correction = made.find(before.unknown);
      if (!group || correction == made.end()) {
        continue;
      }
      const UnknownCorrection& said = *correction->second;
      const UnknownCorrection now = as_it_is(*group);
      UnknownCorrection after = now;
      after.faces = std::max(0, now.faces + before.faces - said.faces - faces_that_stay_[before.unknown]);
      after.visits = std::max(0, now.visits + before.visits - said.visits - visits_that_stay_[before.unknown]);
      after.visits = std::max(0, after.visits - std::exchange(visits_that_leave_[before.unknown], 0));
      after.best_face = best_face(before, said, now);
      after.ignored = now.ignored == said.ignored ? before.ignored : now.ignored;
      if (after != now) {
        forward_.corrections.unknowns.push_back(after);
        back_.corrections.unknowns.push_back(now);
      }
    }
    for (const auto& [id, visits] : visits_that_leave_) {
      FACEPIPE_ASSIGN(const auto group, if_there(store_.unknown(id)));
      if (group && visits > 0) {
        back_.corrections.unknowns.push_back(as_it_is(*group));
        UnknownCorrection after = as_it_is(*group);
        after.visits = std::max(0, after.visits - visits);
        forward_.corrections.unknowns.push_back(after);
      }
    }
    return {};
  }

  // Not one that stays outside of the group.
  [[nodiscard]] std::optional<FaceId> best_face(const UnknownCorrection& before, const UnknownCorrection& said,
                                                const UnknownCorrection& now) const {
    const auto best = now.best_face == said.best_face ? before.best_face : now.best_face;
    const auto back = back_in_.find(before.unknown);
    const bool is_in =
        best && (best == now.best_face || (back != back_in_.end() && back->second.faces.contains(*best)));
    if (is_in) {
      return best;
    }
    return back != back_in_.end() ? back->second.best : now.best_face;
  }

  // One that is another's by now stays theirs, in the gallery too.
  Status pictures() {
    const std::map<PictureId, PersonId> made(made_.pictures.begin(), made_.pictures.end());
    for (const auto& [id, person] : before_.pictures) {
      FACEPIPE_ASSIGN(const auto picture, if_there(store_.picture(id)));
      const auto moved = made.find(id);
      if (!picture || (moved != made.end() && picture->person != moved->second)) {
        others_.insert({EmbeddingRef::Kind::kPicture, static_cast<std::uint64_t>(id)});
        continue;
      }
      forward_.pictures.emplace_back(id, person);
      back_.pictures.emplace_back(id, picture->person);
    }
    return {};
  }

  void people(const Gallery& gallery) {
    const auto stays = [&](const GalleryOp& op) { return is_others(gallery, op); };
    std::ranges::remove_copy_if(before_.gallery, std::back_inserter(forward_.gallery), stays);
    std::ranges::remove_copy_if(made_.gallery, std::back_inserter(back_.gallery), stays);
  }

  // What the operation, of either way, is about was changed since.
  [[nodiscard]] bool is_others(const Gallery& gallery, const GalleryOp& op) const {
    const auto made = std::ranges::find_if(
        made_.gallery, [&](const GalleryOp& other) { return other.kind == op.kind && other.person == op.person; });
    switch (op.kind) {
      case Kind::kRename: {
        const auto found = gallery.find(op.person);
        return !found || made == made_.gallery.end() || gallery.people()[*found].name != made->name;
      }
      case Kind::kStrangers:
        return made == made_.gallery.end() || !is_same(gallery.strangers(), made->number);
      case Kind::kMinQuality:
        return made == made_.gallery.end() || !is_same(double{gallery.min_quality()}, made->number.value_or(0));
      default:
        return others_.contains(op.embedding);
    }
  }

  // As far as the text of a number keeps it.
  static bool is_same(std::optional<double> one, std::optional<double> other) {
    constexpr double kRelative = 1e-6;
    return one.has_value() == other.has_value() &&
           (!one || std::abs(*one - *other) <= kRelative * std::max(std::abs(*one), std::abs(*other)));
  }

  void retention() {
    const faces::RetentionValues now =
        before_.retention.empty() ? faces::RetentionValues() : faces::values_of(store_.retention());
    for (const auto& [name, value] : before_.retention) {
      const auto set = made_.retention.find(name);
      if (set != made_.retention.end() && now.at(name) == set->second) {
        forward_.retention.emplace(name, value);
        back_.retention.emplace(name, now.at(name));
      }
    }
  }

  faces::FaceStore& store_;
  const Edit& made_;
  const Edit& before_;
  Edit forward_;
  Edit back_;
  // Faces that are in a group again.
  struct Back {
    std::set<FaceId> faces;
    std::optional<FaceId> best;
    float quality = -1;
  };
  std::map<UnknownId, Back> back_in_;
  std::map<UnknownId, int> faces_that_stay_;  // outside of the group that they left
  std::map<UnknownId, int> visits_that_stay_;
  std::map<UnknownId, int> visits_that_leave_;  // groups that they have come into since
  std::set<EmbeddingRef> others_;
};

}  // namespace

Result<Changed> PeopleDesk::undo(ChangeId change, std::string_view who) {
  FACEPIPE_ASSIGN(faces::FaceStore* const store, work_->store());
  FACEPIPE_ASSIGN(const faces::ChangeRecord record, store->change(change));
  FACEPIPE_ASSIGN(const ChangeNote note, read_change_note(record.what.json));
  if (record.undone_by) {
    return undone_already();
  }
  if (note.final || note.back.empty()) {
    return Error{ErrorCode::kInvalidArgument, "this change (" + record.what.action + ") cannot be taken back"};
  }
  const auto decide = [&](const Gallery* gallery) -> Result<Decided> {
    FACEPIPE_ASSIGN(auto edits, TakingBack(*store, note).run(gallery));
    Decided decided;
    decided.action = "undo";
    decided.event = "change.undone";
    decided.undoes = change;
    decided.more.emplace_back("undone", record.what.action);
    decided.note.person = note.person;
    decided.note.name = note.name;
    decided.note.pictures = note.pictures;
    decided.note.forward = std::move(edits.first);
    decided.note.back = std::move(edits.second);
    return decided;
  };
  const auto make = [&]() -> Result<Changed> {
    if (note.back.gallery.empty()) {
      FACEPIPE_ASSIGN(const Decided decided, decide(nullptr));
      return work_->change_kept(decided, who);
    }
    return work_->change([&](const Gallery& gallery) { return decide(&gallery); }, who);
  };
  auto changed = make();
  const auto now = changed ? Result(record) : store->change(change);
  return now && now->undone_by ? undone_already() : std::move(changed);  // somebody else was quicker
}

}  // namespace facepipe::people
