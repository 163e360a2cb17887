// Questions. Tested by people_desk_test.cc.
#include "people/people_desk.h"

#include <algorithm>
#include <map>
#include <numeric>

#include "people/desk_work.h"
#include "people/page_end.h"

namespace facepipe::people {
namespace {

using gallery::Gallery;

// Of cursors: which list a place is in.
constexpr std::string_view kEnrolled = "at:";
constexpr std::string_view kByLikeness = "like:";

PersonPicture picture_of(const gallery::Person& person, const PeopleDesk::Work::Row& row) {
  PersonPicture picture;
  picture.person = person.id;
  picture.name = person.name;
  picture.kept = row.picture.has_value();
  if (row.picture) {
    picture.record = *row.picture;
  } else {
    picture.record.id = PictureId{row.print};
    picture.record.person = person.id;
  }
  picture.id = picture.record.id;
  return picture;
}

// One of the person's pictures that the gallery knows them by.
Result<std::optional<PictureId>> cover_of(const PeopleDesk::Work& work, const Gallery& gallery, PersonId person,
                                          const std::vector<std::size_t>& rows) {
  FACEPIPE_ASSIGN(faces::FaceStore* const store, work.store());
  FACEPIPE_ASSIGN(const auto first, store->pictures(person, {.limit = 1, .after = {}}));
  if (first.records.empty()) {
    return std::optional<PictureId>();
  }
  const auto embedding = store->picture_embedding(first.records.front().id);
  const bool known = embedding && std::ranges::any_of(rows, [&](std::size_t row) {
                       return std::ranges::equal(gallery.embedding(row), *embedding);
                     });
  if (known) {
    return std::optional(first.records.front().id);
  }
  FACEPIPE_ASSIGN(const auto all, work.rows(gallery, person, rows));
  for (const PeopleDesk::Work::Row& row : all) {
    if (row.picture) {
      return std::optional(row.picture->id);
    }
  }
  return std::optional<PictureId>();
}

// What was found out of one picture.
void say_health(const Gallery& gallery, const recognize::CheckedPicture& checked, PersonPicture& picture) {
  picture.likeness = checked.likeness;
  if (checked.doubt) {
    picture.doubt = checked.doubt->doubt;
    if (const auto other = checked.doubt->other_person) {
      picture.other = gallery.people()[*other].id;
      picture.other_name = gallery.people()[*other].name;
    }
  }
}

Result<PersonSummary> summary_of(const PeopleDesk::Work& work, const Gallery& gallery, const gallery::Person& person,
                                 const std::vector<std::size_t>& rows) {
  PersonSummary summary;
  summary.id = person.id;
  summary.name = person.name;
  summary.pictures = person.embedding_count;
  summary.rejected = gallery.rejected(person.id).size();
  if (faces::FaceStore* const store = work.parts().store; store != nullptr) {
    faces::VisitFilter theirs;
    theirs.person = person.id;
    FACEPIPE_ASSIGN(const auto visits, store->visits(theirs, {.limit = 1, .after = {}}));
    if (!visits.records.empty()) {
      summary.last_seen = visits.records.front().last_seen;
    }
    FACEPIPE_ASSIGN(summary.cover, cover_of(work, gallery, person.id, rows));
  }
  return summary;
}

}  // namespace

PeopleDesk::PeopleDesk(DeskParts parts) : work_(std::make_unique<Work>(std::move(parts))) {}
PeopleDesk::~PeopleDesk() = default;

Status PeopleDesk::reconcile() {
  return work_->reconcile();
}

Result<faces::Page<PersonSummary>> PeopleDesk::people(std::string_view name_part, const faces::PageRequest& page,
                                                      bool health) const {
  FACEPIPE_ASSIGN(const PageEnd before, PageEnd::read(page, kEnrolled));
  FACEPIPE_ASSIGN(const auto gallery, work_->read());
  const auto people = gallery->people();
  std::vector<PersonId> found;
  std::size_t at = before.next([&](std::uint64_t id) { return gallery->find(PersonId{id}); });
  for (; at < people.size() && found.size() < page.limit; ++at) {
    if (people[at].name.find(name_part) != std::string::npos) {
      found.push_back(people[at].id);
    }
  }
  auto rows = health || work_->parts().store != nullptr ? rows_of(*gallery, found)
                                                        : std::map<PersonId, std::vector<std::size_t>>();
  HealthWork work;
  faces::Page<PersonSummary> answer;
  for (const PersonId person : found) {
    const std::size_t index = *gallery->find(person);
    FACEPIPE_ASSIGN(PersonSummary summary, summary_of(*work_, *gallery, people[index], rows[person]));
    if (health) {
      FACEPIPE_ASSIGN(const auto pictures, work_->health(gallery, index, rows[person], work));
      summary.doubtful = pictures->doubtful();
    }
    answer.records.push_back(std::move(summary));
  }
  if (at < people.size()) {
    PageEnd end{.place = at, .shown = {}};
    std::ranges::transform(found, std::back_inserter(end.shown),
                           [](PersonId id) { return static_cast<std::uint64_t>(id); });
    answer.next = end.text(kEnrolled);
  }
  return answer;
}

Result<PersonSummary> PeopleDesk::person(const Whom& whom, bool health) const {
  FACEPIPE_ASSIGN(const auto gallery, work_->read());
  FACEPIPE_ASSIGN(const std::size_t found, find_person(*gallery, whom));
  const gallery::Person person = gallery->people()[found];
  const auto rows = rows_of(*gallery, {&person.id, 1})[person.id];
  FACEPIPE_ASSIGN(PersonSummary summary, summary_of(*work_, *gallery, person, rows));
  if (health) {
    HealthWork work;
    FACEPIPE_ASSIGN(const auto pictures, work_->health(gallery, found, rows, work));
    summary.doubtful = pictures->doubtful();
  }
  return summary;
}

Result<std::vector<std::string>> PeopleDesk::names() const {
  FACEPIPE_ASSIGN(const auto gallery, work_->read());
  std::vector<std::string> names;
  names.reserve(gallery->people().size());
  for (const gallery::Person person : gallery->people()) {
    names.push_back(person.name);
  }
  return names;
}

Result<PersonId> PeopleDesk::person_id(const std::string& name) const {
  FACEPIPE_ASSIGN(const auto gallery, work_->read());
  return gallery->id_of(name);
}

Result<faces::Page<PersonPicture>> PeopleDesk::pictures(PersonId person, const faces::PageRequest& page,
                                                        PictureOrder order) const {
  const std::string_view prefix = order == PictureOrder::kLikeness ? kByLikeness : kEnrolled;
  FACEPIPE_ASSIGN(const PageEnd before, PageEnd::read(page, prefix));
  FACEPIPE_ASSIGN(const auto gallery, work_->read());
  FACEPIPE_ASSIGN(const std::size_t index, find_person(*gallery, person));
  const auto rows = rows_of(*gallery, {&person, 1})[person];
  HealthWork work;
  FACEPIPE_ASSIGN(const auto health, work_->health(gallery, index, rows, work));
  FACEPIPE_ASSIGN(const auto theirs, work_->rows(*gallery, person, rows));
  std::vector<std::size_t> turn(theirs.size());
  std::iota(turn.begin(), turn.end(), std::size_t{0});
  if (order == PictureOrder::kLikeness) {
    std::ranges::stable_sort(turn, {}, [&](std::size_t at) { return health->pictures[at].likeness; });
  }
  std::map<std::uint64_t, std::size_t> places;  // before the page; of two that are the same the later one counts
  for (std::size_t at = 0; at < std::min(before.place, turn.size()); ++at) {
    places.insert_or_assign(theirs[turn[at]].ref().id, at);
  }
  faces::Page<PersonPicture> answer;
  const std::size_t begin = before.next([&](std::uint64_t id) {
    const auto found = places.find(id);
    return found != places.end() ? std::optional(found->second) : std::nullopt;
  });
  PageEnd end{.place = begin, .shown = {}};
  for (; end.place < turn.size() && answer.records.size() < page.limit; ++end.place) {
    const Work::Row& row = theirs[turn[end.place]];
    answer.records.push_back(picture_of(gallery->people()[index], row));
    say_health(*gallery, health->pictures[turn[end.place]], answer.records.back());
    end.shown.push_back(row.ref().id);
  }
  if (end.place < turn.size()) {
    answer.next = end.text(prefix);
  }
  return answer;
}

Result<PeopleDesk::PictureRange> PeopleDesk::pictures_from(const std::optional<PersonId>& person, std::size_t first,
                                                           std::size_t limit) const {
  FACEPIPE_ASSIGN(const auto gallery, work_->read());
  std::size_t begin = 0;
  std::size_t end = gallery->people().size();
  if (person) {
    FACEPIPE_ASSIGN(begin, find_person(*gallery, *person));
    end = begin + 1;
  }
  PictureRange range;
  std::vector<PersonId> shown;
  for (std::size_t place = begin; place < end; ++place) {  // those with a picture in the range
    const gallery::Person each = gallery->people()[place];
    if (range.total < first + limit && range.total + each.embedding_count > first) {
      shown.push_back(each.id);
    }
    range.total += each.embedding_count;
  }
  auto rows = rows_of(*gallery, shown);
  std::size_t at = 0;
  for (std::size_t place = begin; place < end; ++place) {
    const gallery::Person each = gallery->people()[place];
    const bool is_shown = rows.contains(each.id);
    if (is_shown) {
      FACEPIPE_ASSIGN(const auto theirs, work_->rows(*gallery, each.id, rows[each.id]));
      for (std::size_t i = 0; i < theirs.size(); ++i) {
        if (at + i >= first && at + i < first + limit) {
          range.pictures.push_back(picture_of(each, theirs[i]));
        }
      }
    }
    at += each.embedding_count;
  }
  return range;
}

Result<PersonPicture> PeopleDesk::picture(PictureId picture) const {
  FACEPIPE_ASSIGN(const auto gallery, work_->read());
  FACEPIPE_ASSIGN(const auto found, work_->find_picture(*gallery, picture));
  return picture_of(gallery->people()[*gallery->find(found.first)], found.second);
}

Result<faces::Crop> PeopleDesk::picture_crop(PictureId picture) const {
  FACEPIPE_ASSIGN(faces::FaceStore* const store, work_->store());
  return store->picture_crop(picture);
}

Result<Settings> PeopleDesk::settings() const {
  FACEPIPE_ASSIGN(const auto gallery, work_->read());
  Settings settings;
  settings.strangers = gallery->strangers();
  settings.min_quality = gallery->min_quality();
  settings.mode = gallery->origin().preprocessing.mode;
  settings.model_id = gallery->origin().model_id;
  settings.threshold = gallery->distance_threshold();
  if (work_->parts().manifest) {
    if (const auto rule = recognize::naming_rule(*gallery, *work_->parts().manifest)) {
      settings.threshold = rule->threshold;
    }
  }
  return settings;
}

Result<faces::Page<ChangeSummary>> PeopleDesk::changes(const faces::PageRequest& page) const {
  FACEPIPE_ASSIGN(faces::FaceStore* const store, work_->store());
  FACEPIPE_ASSIGN(auto records, store->changes(page));
  faces::Page<ChangeSummary> answer;
  answer.next = records.next;
  for (faces::ChangeRecord& record : records.records) {
    ChangeSummary& summary = answer.records.emplace_back();
    if (const auto note = read_change_note(record.what.json)) {
      summary.person = note->person;
      summary.name = note->name;
      summary.faces = note->forward.faces.size();
      summary.pictures = note->pictures;
      summary.undoable = !note->final && !note->back.empty() && !record.undone_by;
    }
    summary.record = std::move(record);
  }
  return answer;
}

}  // namespace facepipe::people
