// Tested by people_desk_test.cc.
#include "people/desk_work.h"

#include <algorithm>
#include <unordered_map>

#include "base/file.h"
#include "base/file_lock.h"
#include "faces/ids.h"
#include "gallery/names.h"
#include "gallery/person_id.h"

namespace facepipe::people {
namespace {

std::string event_json(const Decided& decided, std::string_view who) {
  JsonWriter json;
  json.begin_object();
  if (decided.note.person) {
    json.key("person").string(gallery::to_string(*decided.note.person));
    json.key("name").string(decided.note.name);
  }
  for (const auto& [key, text] : decided.more) {
    json.key(key).string(text);
  }
  json.key("by").string(who).end_object();
  return std::move(json).text();
}

}  // namespace

Error nothing_kept() {
  return Error{ErrorCode::kNotFound, "nothing is kept: --keep none"};
}

PeopleDesk::Work::Work(DeskParts parts)
    : parts_(std::move(parts)), clock_(parts_.clock != nullptr ? *parts_.clock : system_clock()) {
  visits_ = parts_.visits;
  if (visits_ == nullptr && parts_.store != nullptr) {
    visits_ = &kept_visits_.emplace(*parts_.store, clock_);
  }
}

Result<faces::FaceStore*> PeopleDesk::Work::store() const {
  return parts_.store != nullptr ? Result(parts_.store) : nothing_kept();
}

Result<std::shared_ptr<const recognize::FaceRecognizer>> PeopleDesk::Work::recognizer() const {
  if (!parts_.recognizer || parts_.detector == nullptr || !parts_.manifest) {
    return Error{ErrorCode::kUnsupported, "pictures are not looked at here: there is no recognition"};
  }
  return parts_.recognizer();
}

Result<std::shared_ptr<const gallery::Gallery>> PeopleDesk::Work::read() const {
  if (parts_.recognizer) {
    FACEPIPE_ASSIGN(const auto recognizer, parts_.recognizer());
    return std::shared_ptr<const gallery::Gallery>(recognizer, &recognizer->gallery());
  }
  FACEPIPE_ASSIGN(gallery::Gallery loaded, load(parts_.gallery.load()));
  return std::make_shared<const gallery::Gallery>(std::move(loaded));
}

Result<gallery::Gallery> PeopleDesk::Work::load(Result<gallery::Gallery> loaded) const {
  if (loaded || loaded.error().code != ErrorCode::kNotFound) {
    return loaded;
  }
  return parts_.manifest
             ? recognize::new_gallery(*parts_.manifest, parts_.new_mode.value_or(parts_.manifest->preprocessing))
             : gallery::Gallery({"", {}, 1});
}

Result<Enrolling> PeopleDesk::Work::enrolling(const AddOptions& options) const {
  FACEPIPE_ASSIGN(auto recognizer, this->recognizer());
  FACEPIPE_ASSIGN(const bool judges, this->judges(recognizer->gallery()));
  FACEPIPE_ASSIGN(auto cut_faces, this->cut_faces(recognizer->gallery(), judges));
  return Enrolling{parts_, std::move(recognizer), std::move(cut_faces), judges, options};
}

Result<bool> PeopleDesk::Work::judges(const gallery::Gallery& gallery) const {
  if (gallery.embedding_count() > 0) {
    return recognize::naming_rule(gallery, *parts_.manifest).has_value();
  }
  FACEPIPE_ASSIGN(gallery::Gallery begun, load(parts_.gallery.load()));
  if (parts_.strangers) {
    FACEPIPE_TRY(recognize::set_strangers(begun, *parts_.manifest, *parts_.strangers));
  }
  return recognize::naming_rule(begun, *parts_.manifest).has_value();
}

Result<std::shared_ptr<const PictureHealth::Found>> PeopleDesk::Work::health(
    const std::shared_ptr<const gallery::Gallery>& gallery, std::size_t person, std::span<const std::size_t> rows,
    HealthWork& work) const {
  const auto rule = parts_.manifest ? recognize::naming_rule(*gallery, *parts_.manifest) : std::nullopt;
  return health_.of(gallery, rule, person, rows, work);
}

FindEmbedding PeopleDesk::Work::finder(const Decided* decided) const {
  return [this, decided](const EmbeddingRef& ref) -> Result<std::vector<float>> {
    if (decided != nullptr && decided->fresh.contains(ref)) {
      return decided->fresh.at(ref).own;
    }
    if (ref.kind == EmbeddingRef::Kind::kRow) {
      return Error{ErrorCode::kNotFound, "the gallery has no such row any more"};
    }
    FACEPIPE_ASSIGN(faces::FaceStore* const store, this->store());
    return ref.kind == EmbeddingRef::Kind::kFace ? store->face_embedding(FaceId{ref.id})
                                                 : store->picture_embedding(PictureId{ref.id});
  };
}

Result<FileLock> PeopleDesk::Work::lock() const {
  FACEPIPE_TRY(make_private_folder(parts_.gallery.path().parent_path()));
  return FileLock::acquire(parts_.gallery.path());
}

Result<Changed> PeopleDesk::Work::change(const Decide& decide, std::string_view who) {
  FACEPIPE_ASSIGN(const FileLock lock, this->lock());
  if (unfinished_) {
    FACEPIPE_TRY(complete_last());
  }
  FACEPIPE_ASSIGN(gallery::KnownPeople people, load_to_edit());
  FACEPIPE_ASSIGN(Decided decided, decide(people.gallery()));
  if (decided.note.forward.empty() && decided.dropped.empty()) {
    return Changed{};
  }
  return make(std::move(decided), people, who);
}

Result<Changed> PeopleDesk::Work::change_kept(const Decided& decided, std::string_view who) {
  if (decided.note.forward.empty()) {
    return Changed{};
  }
  FACEPIPE_ASSIGN(const faces::Written written, write(decided, who));
  return Changed{.change = written.change, .undoable = true};
}

// The log first: what it says is done again if it is cut short (complete).
Result<Changed> PeopleDesk::Work::make(Decided decided, gallery::KnownPeople& people, std::string_view who) {
  ChangeNote& note = decided.note;
  if (!note.forward.gallery.empty()) {
    note.gallery_before = parts_.gallery.state();
    const auto applied = apply_to(people, decided, Apply::kOnce);
    if (!applied) {
      return applied.error();
    }
    const bool more =
        !note.forward.faces.empty() || !note.forward.corrections.empty() || !note.forward.retention.empty();
    if (*applied == 0 && !more && decided.undoes) {
      return Error{ErrorCode::kMismatch, "nothing is left to take back: what the change made has changed since"};
    }
  }
  if (parts_.store == nullptr) {
    FACEPIPE_TRY(parts_.gallery.save(people));
    return Changed{};
  }
  const bool undoable = !note.final && can_apply(note.back.gallery, people, finder(&decided));
  FACEPIPE_ASSIGN(const faces::Written written, write(decided, who));
  if (!note.forward.gallery.empty()) {
    if (const Status saved = parts_.gallery.save(people); !saved) {
      if (!written.change || !take_back(decided, *written.change)) {
        unfinished_ = true;
        return saved.error().with_context("the change is in the log, and made as soon as the gallery can be written");
      }
      return saved.error();
    }
  }
  return Changed{.change = written.change, .undoable = undoable};
}

Result<faces::Written> PeopleDesk::Work::write(const Decided& decided, std::string_view who) {
  faces::Batch batch;
  batch.pictures = decided.pictures;
  batch.removed_pictures = decided.dropped;
  batch.moved_pictures = decided.note.forward.pictures;
  for (const FaceMark& mark : decided.note.forward.faces) {
    faces::FaceChange change;
    change.id = mark.face;
    change.mark = mark.mark;
    change.marked_person = mark.person;
    change.unknown = mark.unknown;
    batch.face_changes.push_back(change);
  }
  batch.events.push_back({faces::random_event_key(), decided.event, now(), event_json(decided, who)});
  batch.forgets_embeddings = !decided.renewed.empty();
  batch.picture_embeddings = decided.renewed;
  batch.change = faces::NewChange{now(), std::string(who), decided.action, to_json(decided.note)};
  batch.undoes = decided.undoes;
  batch.retention = decided.note.forward.retention;
  Corrections corrections = decided.note.forward.corrections;
  corrections.seen = decided.note.back.corrections.unknowns;
  return corrections.empty() ? parts_.store->write(batch) : visits_->write(corrections, std::move(batch));
}

// What was written for a gallery that could not be saved.
Status PeopleDesk::Work::take_back(const Decided& decided, ChangeId change) {
  Decided back;
  back.action = "undo";
  back.event = "change.undone";
  back.note.person = decided.note.person;
  back.note.name = decided.note.name;
  back.note.forward = decided.note.back;
  back.note.forward.gallery.clear();
  back.note.final = true;
  back.undoes = change;
  for (const faces::NewPicture& picture : decided.pictures) {
    back.dropped.push_back(picture.record.id);
  }
  const auto written = write(back, "facepipe");
  return written ? Status{} : Status(written.error());
}

Status PeopleDesk::Work::reconcile() {
  if (parts_.store == nullptr) {
    return {};
  }
  FACEPIPE_ASSIGN(const FileLock lock, this->lock());
  return complete_last();
}

// Changes of the gallery follow one another under its lock, so the last of them alone can be half done. What changes
// what is kept alone does not wait for that lock, and may stand behind it in the log.
Status PeopleDesk::Work::complete_last() {
  faces::PageRequest page;
  for (bool done = false; !done;) {
    FACEPIPE_ASSIGN(const auto last, parts_.store->changes(page));
    for (std::size_t i = 0; !done && i < last.records.size(); ++i) {
      FACEPIPE_ASSIGN(done, complete(last.records[i]));
    }
    done = done || !last.next;
    page.after = last.next.value_or("");
  }
  parts_.gallery.remove_successors();
  unfinished_ = false;
  return {};
}

Result<bool> PeopleDesk::Work::complete(const faces::ChangeRecord& change) {
  const auto note = read_change_note(change.what.json);
  if (!note) {  // of a newer release, or not ours
    return false;
  }
  if (change.what.action == faces::kPersonEraseAction && note->person) {
    FACEPIPE_TRY(erase_everywhere(*note->person));
    return true;
  }
  if (!note->successor.empty()) {
    FACEPIPE_TRY(parts_.gallery.succeed(note->successor));
    return true;
  }
  if (note->gallery_before.empty()) {
    return false;
  }
  if (change.undone_by || note->gallery_before != parts_.gallery.state()) {
    return true;  // taken back, or saved since
  }
  FACEPIPE_ASSIGN(gallery::KnownPeople people, load_to_edit());
  Decided decided;
  decided.note = *note;
  FACEPIPE_ASSIGN(const std::size_t done, apply_to(people, decided, Apply::kAgain));
  if (done > 0) {
    FACEPIPE_TRY(parts_.gallery.save(people));
  }
  return true;
}

EmbeddingRef PeopleDesk::Work::Row::ref() const {
  return picture ? EmbeddingRef{EmbeddingRef::Kind::kPicture, static_cast<std::uint64_t>(picture->id)}
                 : EmbeddingRef{EmbeddingRef::Kind::kRow, print};
}

Result<std::vector<PeopleDesk::Work::Row>> PeopleDesk::Work::rows(const gallery::Gallery& gallery, PersonId person,
                                                                  const std::vector<std::size_t>& rows) const {
  std::unordered_multimap<std::uint64_t, faces::PictureRecord> kept;
  if (parts_.store != nullptr) {
    FACEPIPE_ASSIGN(auto pictures,
                    faces::all_of<faces::PictureRecord>(
                        [&](const faces::PageRequest& page) { return parts_.store->pictures(person, page); },
                        std::numeric_limits<std::size_t>::max()));
    for (faces::PictureRecord& picture : pictures) {
      auto embedding = parts_.store->picture_embedding(picture.id);
      if (embedding) {
        kept.emplace(print_of(*embedding), std::move(picture));
      } else if (embedding.error().code != ErrorCode::kNotFound) {
        return std::move(embedding).error();
      }
    }
  }
  std::vector<Row> found;
  for (const std::size_t row : rows) {
    Row& entry = found.emplace_back();
    entry.row = row;
    entry.print = print_of(gallery.embedding(row));
    if (const auto picture = kept.find(entry.print); picture != kept.end()) {
      entry.picture = std::move(picture->second);
      kept.erase(picture);
    }
  }
  return found;
}

Result<std::vector<PeopleDesk::Work::Row>> PeopleDesk::Work::rows(const gallery::Gallery& gallery,
                                                                  PersonId person) const {
  return rows(gallery, person, rows_of(gallery, {&person, 1})[person]);
}

Result<std::pair<PersonId, PeopleDesk::Work::Row>> PeopleDesk::Work::find_picture(const gallery::Gallery& gallery,
                                                                                  PictureId picture) const {
  const Error none{ErrorCode::kNotFound, "nobody is known by a picture " + faces::to_text(picture)};
  std::optional<PersonId> person;
  if (parts_.store != nullptr) {
    auto record = parts_.store->picture(picture);
    if (record) {
      person = record->person;
    } else if (record.error().code != ErrorCode::kNotFound) {
      return std::move(record).error();
    }
  }
  const bool bare = !person;
  for (std::size_t row = 0; bare && row < gallery.embedding_count(); ++row) {
    if (PictureId{print_of(gallery.embedding(row))} == picture) {
      person = gallery.people()[gallery.owner(row)].id;
      break;
    }
  }
  if (!person) {
    return none;
  }
  FACEPIPE_ASSIGN(const std::vector<Row> rows, this->rows(gallery, *person));
  for (const Row& row : rows) {
    if (bare ? !row.picture && PictureId{row.print} == picture : row.picture && row.picture->id == picture) {
      return std::pair(*person, row);
    }
  }
  return none;
}

Result<std::size_t> find_person(const gallery::Gallery& gallery, const Whom& whom) {
  if (const auto* name = std::get_if<std::string>(&whom)) {
    FACEPIPE_ASSIGN(const PersonId id, gallery.id_of(*name));
    return *gallery.find(id);
  }
  const PersonId id = std::get<PersonId>(whom);
  const auto found = gallery.find(id);
  return found ? Result(*found)
               : Error{ErrorCode::kNotFound, "no person with the id " + gallery::to_string(id) + " in the gallery"};
}

Result<Target> find_or_make(const gallery::Gallery& gallery, const Whom& whom) {
  const auto found = find_person(gallery, whom);
  if (found) {
    const gallery::Person person = gallery.people()[*found];
    return Target{person.id, person.name, false};
  }
  const auto* name = std::get_if<std::string>(&whom);
  if (name == nullptr) {
    return found.error();
  }
  FACEPIPE_TRY(gallery::check_new_name(*name));
  PersonId id = gallery::random_person_id();
  while (gallery.find(id)) {
    id = gallery::random_person_id();
  }
  return Target{id, *name, true};
}

}  // namespace facepipe::people
