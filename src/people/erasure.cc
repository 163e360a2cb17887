// Tested by desk_erase_test.cc and tests/e2e/test_queue.py.
#include "people/erasure.h"

#include <algorithm>
#include <set>
#include <span>
#include <utility>

#include "base/base64.h"
#include "people/desk_work.h"
#include "people/edit.h"

namespace facepipe::people {
namespace {

Result<bool> shows(const gallery::Gallery& gallery, PersonId person, const std::vector<float>& embedding,
                   std::optional<float> threshold) {
  FACEPIPE_ASSIGN(const auto match, gallery.search(embedding));
  return match && gallery.people()[match->person].id == person && (!threshold || match->distance <= *threshold);
}

// Who somebody was before, and the groups of unknown faces that were theirs: what the log says of it.
class Before {
 public:
  explicit Before(PersonId person) : people_{person} {}

  // Of the log's entries, the newest first: who was merged into somebody was merged into by others earlier.
  void read(const faces::ChangeRecord& change) {
    if (change.undone_by && !void_.contains(*change.undone_by)) {
      void_.insert(change.id);
      return;
    }
    const auto note = read_change_note(change.what.json);
    if (!note || !note->person || std::ranges::find(people_, *note->person) == people_.end()) {
      return;
    }
    for (const UnknownCorrection& group : note->forward.corrections.unknowns) {
      groups_.insert(group.unknown);
    }
    for (const GalleryOp& op : note->forward.gallery) {
      if (change.what.action == kMergeAction && op.kind == GalleryOp::Kind::kTake && op.person != *note->person &&
          std::ranges::find(people_, op.person) == people_.end()) {
        people_.push_back(op.person);
      }
    }
  }

  [[nodiscard]] const std::vector<PersonId>& people() const { return people_; }  // the person first
  [[nodiscard]] const std::set<UnknownId>& groups() const { return groups_; }

 private:
  std::vector<PersonId> people_;
  std::set<UnknownId> groups_;
  std::set<ChangeId> void_;  // taken back
};

}  // namespace

Result<ErasedRejected> erase_rejected_of(gallery::KnownPeople& people, PersonId person,
                                         std::optional<float> threshold) {
  const gallery::Gallery& gallery = people.gallery();
  ErasedRejected erased;
  for (const gallery::Person& other : gallery.people()) {
    for (std::size_t place = other.id == person ? 0 : gallery.rejected(other.id).size(); place > 0; --place) {
      const std::vector<float>& embedding = gallery.rejected(other.id)[place - 1];
      FACEPIPE_ASSIGN(const bool theirs, shows(gallery, person, embedding, threshold));
      if (!theirs) {
        continue;
      }
      erased.pictures += 1;
      for (const std::vector<float>& form : {embedding, people.cut_rejected(other.id, place - 1)}) {
        if (!form.empty()) {
          erased.embeddings.push_back(base64_encode(std::as_bytes(std::span(form))));
        }
      }
      FACEPIPE_TRY(people.unreject(other.id, place - 1));
    }
  }
  return erased;
}

Result<std::int64_t> erase_kept(faces::FaceStore& store, VisitDesk& visits, PersonId person) {
  Before before(person);
  constexpr std::size_t kAtOnce = 50;  // entries that touched many faces are long
  FACEPIPE_TRY(faces::each_page(
      kAtOnce, [&](const faces::PageRequest& page) { return store.changes(page); },
      [&](const std::vector<faces::ChangeRecord>& changes) -> Status {
        std::ranges::for_each(changes, [&](const faces::ChangeRecord& change) { before.read(change); });
        return {};
      }));
  std::int64_t records = 0;
  for (const UnknownId id : before.groups()) {
    FACEPIPE_ASSIGN(const auto group, if_there(store.unknown(id)));
    if (group && group->faces == 0 && !group->ignored) {  // its middle is all that is left of it, and of them
      visits.forget(id);
      FACEPIPE_ASSIGN(const std::int64_t erased, store.erase(id));
      records += erased;
    }
  }
  // The person last: what says who they were goes with them.
  for (auto who = before.people().rbegin(); who != before.people().rend(); ++who) {
    visits.forget(*who);
    FACEPIPE_ASSIGN(const std::int64_t erased, store.erase(*who));
    records += erased;
  }
  return records;
}

}  // namespace facepipe::people
