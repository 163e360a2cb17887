// Changes of enrolled people and pictures. Tested by people_desk_test.cc.
#include <algorithm>

#include "faces/ids.h"
#include "gallery/names.h"
#include "gallery/person_id.h"
#include "people/desk_work.h"

namespace facepipe::people {
namespace {

using Kind = GalleryOp::Kind;
using gallery::Gallery;

GalleryOp op(Kind kind, PersonId person, const EmbeddingRef& ref, std::string name = {}) {
  return {.kind = kind, .person = person, .name = std::move(name), .embedding = ref};
}

Decided decided_of(std::string action, std::string event, const gallery::Person& person) {
  Decided decided;
  decided.action = std::move(action);
  decided.event = std::move(event);
  decided.note.person = person.id;
  decided.note.name = person.name;
  return decided;
}

bool is_double(const Gallery& gallery, const std::vector<std::size_t>& rows, std::size_t row) {
  return std::ranges::count_if(rows, [&](std::size_t other) {
           return std::ranges::equal(gallery.embedding(other), gallery.embedding(row));
         }) > 1;
}

// A row away from its person. Of two rows that are the same the picture goes for good: which of the two the gallery
// still knows could not be told afterwards.
void take(const Gallery& gallery, const gallery::Person& person, const PeopleDesk::Work::Row& row, Decided& decided) {
  decided.note.forward.gallery.push_back(op(Kind::kTake, person.id, row.ref()));
  decided.note.back.gallery.push_back(op(Kind::kAdd, person.id, row.ref(), person.name));
  decided.note.pictures += 1;
  if (row.picture) {
    if (is_double(gallery, rows_of(gallery, {&person.id, 1})[person.id], row.row)) {
      decided.dropped.push_back(row.picture->id);
    }
    decided.more.emplace_back("picture", faces::to_text(row.picture->id));
  }
}

}  // namespace

Result<Changed> PeopleDesk::remove_picture(PictureId picture, std::string_view who) {
  return work_->change(
      [&](const Gallery& gallery) -> Result<Decided> {
        FACEPIPE_ASSIGN(const auto found, work_->find_picture(gallery, picture));
        const gallery::Person person = gallery.people()[*gallery.find(found.first)];
        Decided decided = decided_of("picture.remove", "picture.removed", person);
        take(gallery, person, found.second, decided);
        return decided;
      },
      who);
}

Result<Changed> PeopleDesk::reject_picture(PictureId picture, std::string_view who) {
  return work_->change(
      [&](const Gallery& gallery) -> Result<Decided> {
        FACEPIPE_ASSIGN(const auto found, work_->find_picture(gallery, picture));
        const gallery::Person person = gallery.people()[*gallery.find(found.first)];
        if (person.embedding_count == 1) {
          return Error{
              ErrorCode::kInvalidArgument,
              "the only picture of a person cannot be somebody else's: remove the person, or move the picture"};
        }
        Decided decided = decided_of("picture.reject", "picture.rejected", person);
        take(gallery, person, found.second, decided);
        decided.dropped.clear();
        decided.note.forward.gallery.push_back(op(Kind::kReject, person.id, found.second.ref()));
        decided.note.back.gallery.insert(decided.note.back.gallery.begin(),
                                         op(Kind::kUnreject, person.id, found.second.ref()));
        return decided;
      },
      who);
}

Result<Changed> PeopleDesk::move_picture(PictureId picture, const Whom& to, std::string_view who) {
  return work_->change(
      [&](const Gallery& gallery) -> Result<Decided> {
        FACEPIPE_ASSIGN(const auto found, work_->find_picture(gallery, picture));
        FACEPIPE_ASSIGN(const Target target, find_or_make(gallery, to));
        const gallery::Person from = gallery.people()[*gallery.find(found.first)];
        if (from.id == target.id) {
          return Decided{};
        }
        Decided decided = decided_of("picture.move", "picture.moved", from);
        const EmbeddingRef ref = found.second.ref();
        decided.note.forward.gallery = {op(Kind::kTake, from.id, ref), op(Kind::kAdd, target.id, ref, target.name)};
        decided.note.back.gallery = {op(Kind::kTake, target.id, ref), op(Kind::kAdd, from.id, ref, from.name)};
        if (found.second.picture) {
          decided.note.forward.pictures.emplace_back(found.second.picture->id, target.id);
          decided.note.back.pictures.emplace_back(found.second.picture->id, from.id);
        }
        decided.note.pictures = 1;
        decided.more = {{"picture", faces::to_text(picture)},
                        {"to_person", gallery::to_string(target.id)},
                        {"to_name", target.name}};
        return decided;
      },
      who);
}

Result<Changed> PeopleDesk::rename(PersonId person, std::string_view name, std::string_view who) {
  return work_->change(
      [&](const Gallery& gallery) -> Result<Decided> {
        FACEPIPE_ASSIGN(const std::size_t found, find_person(gallery, person));
        const std::string before = gallery.people()[found].name;
        if (before == name) {
          return Decided{};
        }
        FACEPIPE_TRY(gallery::check_new_name(name));
        Decided decided = decided_of("person.rename", "person.renamed", gallery.people()[found]);
        decided.note.name = std::string(name);
        decided.note.forward.gallery = {op(Kind::kRename, person, {}, std::string(name))};
        decided.note.back.gallery = {op(Kind::kRename, person, {}, before)};
        decided.more.emplace_back("before", before);
        return decided;
      },
      who);
}

Result<Changed> PeopleDesk::remove(PersonId id, std::string_view who) {
  return work_->change(
      [&](const Gallery& gallery) -> Result<Decided> {
        FACEPIPE_ASSIGN(const std::size_t found, find_person(gallery, id));
        const gallery::Person person = gallery.people()[found];
        Decided decided = decided_of("person.remove", "person.removed", person);
        FACEPIPE_ASSIGN(const auto rows, work_->rows(gallery, id));
        for (const Work::Row& row : rows) {
          decided.note.forward.gallery.push_back(op(Kind::kTake, id, row.ref()));
          decided.note.back.gallery.push_back(op(Kind::kAdd, id, row.ref(), person.name));
        }
        decided.note.pictures = rows.size();
        return decided;
      },
      who);
}

Result<Changed> PeopleDesk::merge(PersonId from, PersonId into, std::string_view who) {
  if (from == into) {
    return Error{ErrorCode::kInvalidArgument, "two people are needed to make one of them"};
  }
  return work_->change(
      [&](const Gallery& gallery) -> Result<Decided> {
        FACEPIPE_ASSIGN(const std::size_t lost, find_person(gallery, from));
        FACEPIPE_ASSIGN(const std::size_t kept, find_person(gallery, into));
        const gallery::Person loser = gallery.people()[lost];
        const gallery::Person winner = gallery.people()[kept];
        Decided decided = decided_of(std::string(kMergeAction), "person.merged", winner);
        decided.more = {{"merged_person", gallery::to_string(from)}, {"merged_name", loser.name}};
        Edit& forward = decided.note.forward;
        Edit& back = decided.note.back;
        if (work_->parts().store != nullptr) {
          Saying saying(*work_->parts().store, who);
          FACEPIPE_TRY(saying.becomes(from, {into, winner.name, false}));
          forward = std::move(saying.forward);
          back = std::move(saying.back);
        }
        FACEPIPE_ASSIGN(const auto rows, work_->rows(gallery, from));
        for (const Work::Row& row : rows) {
          forward.gallery.push_back(op(Kind::kTake, from, row.ref()));
          back.gallery.push_back(op(Kind::kTake, into, row.ref()));
        }
        for (const Work::Row& row : rows) {
          forward.gallery.push_back(op(Kind::kAdd, into, row.ref(), winner.name));
          back.gallery.push_back(op(Kind::kAdd, from, row.ref(), loser.name));
          if (row.picture) {
            forward.pictures.emplace_back(row.picture->id, into);
            back.pictures.emplace_back(row.picture->id, from);
          }
        }
        const std::size_t room = gallery::kMaxRejected - gallery.rejected(into).size();
        for (const std::vector<float>& rejected :
             gallery.rejected(from).first(std::min(room, gallery.rejected(from).size()))) {  // as much as has room
          const EmbeddingRef ref{EmbeddingRef::Kind::kRow, print_of(rejected)};
          forward.gallery.push_back(op(Kind::kReject, into, ref));
          back.gallery.push_back(op(Kind::kUnreject, into, ref));
          back.gallery.push_back(op(Kind::kReject, from, ref));
        }
        decided.note.pictures = rows.size();
        return decided;
      },
      who);
}

Result<Changed> PeopleDesk::forget_rejected(PersonId person, std::string_view who) {
  return work_->change(
      [&](const Gallery& gallery) -> Result<Decided> {
        FACEPIPE_ASSIGN(const std::size_t found, find_person(gallery, person));
        Decided decided = decided_of("person.forget_rejected", "person.changed", gallery.people()[found]);
        for (const std::vector<float>& rejected : gallery.rejected(person)) {
          const EmbeddingRef ref{EmbeddingRef::Kind::kRow, print_of(rejected)};
          decided.note.forward.gallery.push_back(op(Kind::kUnreject, person, ref));
        }
        decided.note.final = true;  // the embeddings are gone with it
        return decided;
      },
      who);
}

}  // namespace facepipe::people
