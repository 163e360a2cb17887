// Tested by known_people_test.cc.
#include "gallery/known_people.h"

#include <algorithm>
#include <system_error>
#include <unordered_map>

namespace facepipe::gallery {
namespace {

// Finds one person after another: to ask a mapped gallery for each takes a pass over all for each.
class PeopleById {
 public:
  explicit PeopleById(const Gallery& gallery) : gallery_(&gallery) {}

  // `likely`: where in people() they may be. Two galleries of the same people have them in one order as a rule.
  [[nodiscard]] std::optional<Person> find(PersonId id, std::size_t likely) {
    if (likely < gallery_->people().size()) {
      if (Person person = gallery_->people()[likely]; person.id == id) {
        return person;
      }
    }
    if (places_.empty()) {
      std::size_t place = 0;
      for (const Person& person : gallery_->people()) {
        places_.emplace(person.id, place++);
      }
    }
    const auto found = places_.find(id);
    return found == places_.end() ? std::nullopt : std::optional(gallery_->people()[found->second]);
  }

 private:
  const Gallery* gallery_;
  std::unordered_map<PersonId, std::size_t> places_;  // made when somebody is not where they were likely to be
};

// As many embeddings and rejected pictures of one person, whatever the name?
bool same_pictures(const Gallery& gallery, const Person& person, const Gallery& other, const Person& there) {
  return there.embedding_count == person.embedding_count &&
         other.rejected(person.id).size() == gallery.rejected(person.id).size();
}

// Of the gallery's people those of whom `is_missing` says so, given the other's of the same id, or nothing.
template <typename IsMissing>
std::vector<Person> people_missing(const Gallery& gallery, const Gallery& other, const IsMissing& is_missing) {
  PeopleById others(other);
  std::vector<Person> missing;
  std::size_t place = 0;
  for (Person person : gallery.people()) {
    if (is_missing(person, others.find(person.id, place++))) {
      missing.push_back(std::move(person));
    }
  }
  return missing;
}

// Which of the person's rows it is: in both galleries the same.
std::size_t place_of(const Gallery& gallery, PersonId person, std::size_t row) {
  const std::vector<std::size_t> rows = gallery.rows_of(person);
  return static_cast<std::size_t>(std::ranges::find(rows, row) - rows.begin());
}

Status drop_rejected(Gallery& gallery, PersonId person, std::size_t place) {
  const auto now = gallery.rejected(person);
  std::vector<std::vector<float>> left(now.begin(), now.end());
  left.erase(left.begin() + static_cast<std::ptrdiff_t>(place));
  FACEPIPE_TRY(gallery.forget_rejected(person));
  for (const std::vector<float>& other : left) {
    FACEPIPE_TRY(gallery.reject(person, other));
  }
  return {};
}

std::vector<float> copy_of(std::span<const float> values) {
  return {values.begin(), values.end()};
}

}  // namespace

std::filesystem::path companion_file(const std::filesystem::path& gallery_file) {
  std::filesystem::path file = gallery_file;
  return file += ".cut";
}

std::vector<Person> missing_in(const Gallery& gallery, const Gallery& companion) {
  return people_missing(gallery, companion, [&](const Person& person, const std::optional<Person>& there) {
    return !there || there->name != person.name || !same_pictures(gallery, person, companion, *there);
  });
}

bool agree(const Gallery& gallery, const Gallery& companion) {
  return gallery.people().size() == companion.people().size() && missing_in(gallery, companion).empty();
}

bool KnownPeople::reconcile() {
  if (!companion_ || agree(gallery_, *companion_)) {
    return false;
  }
  std::vector<Person> renamed;
  const std::vector<Person> others =
      people_missing(*companion_, gallery_, [&](const Person& person, const std::optional<Person>& own) {
        const bool same = own && same_pictures(*companion_, person, gallery_, *own);
        if (same && own->name != person.name) {
          renamed.push_back(*own);
        }
        return !same;
      });
  for (const Person& person : others) {
    static_cast<void>(companion_->remove(person.id));  // they are there
  }
  for (const Person& person : renamed) {
    if (!companion_->rename(person.id, person.name)) {
      static_cast<void>(companion_->remove(person.id));
    }
  }
  reconciled_ = reconciled_ || !others.empty() || !renamed.empty();
  return reconciled_;
}

Status KnownPeople::add(std::string_view name, std::span<const float> embedding, std::span<const float> cut_embedding) {
  FACEPIPE_TRY(gallery_.add(name, embedding));
  FACEPIPE_ASSIGN(const PersonId person, gallery_.id_of(name));
  return follow_addition(person, cut_embedding);
}

Status KnownPeople::add(PersonId person, std::span<const float> embedding, std::span<const float> cut_embedding) {
  FACEPIPE_TRY(gallery_.add(person, embedding));
  return follow_addition(person, cut_embedding);
}

Status KnownPeople::restore(PersonId id, std::string_view name, std::span<const float> first_embedding,
                            std::span<const float> cut_embedding) {
  FACEPIPE_TRY(gallery_.restore(id, name, first_embedding));
  return follow_addition(id, cut_embedding);
}

Status KnownPeople::follow_addition(PersonId person, std::span<const float> cut_embedding) {
  if (!companion_) {
    return {};
  }
  const bool there = accompanied(person);
  const Person now = gallery_.people()[*gallery_.find(person)];
  if (there && !cut_embedding.empty()) {
    return companion_->add(person, cut_embedding);
  }
  if (there) {
    return companion_->remove(person);
  }
  return !cut_embedding.empty() && now.embedding_count == 1 ? companion_->restore(person, now.name, cut_embedding)
                                                            : Status();
}

Status KnownPeople::remove(PersonId person) {
  FACEPIPE_TRY(gallery_.remove(person));
  return accompanied(person) ? companion_->remove(person) : Status();
}

Status KnownPeople::remove_embedding(PersonId person, std::size_t row) {
  const std::size_t place = place_of(gallery_, person, row);
  FACEPIPE_TRY(gallery_.remove_embedding(person, row));
  return accompanied(person) ? companion_->remove_embedding(person, companion_->rows_of(person).at(place)) : Status();
}

Status KnownPeople::rename(PersonId person, std::string_view name) {
  FACEPIPE_TRY(gallery_.rename(person, name));
  return accompanied(person) ? companion_->rename(person, name) : Status();
}

Status KnownPeople::reject(PersonId person, std::span<const float> embedding, std::span<const float> cut_embedding) {
  FACEPIPE_TRY(gallery_.reject(person, embedding));
  if (!accompanied(person)) {
    return {};
  }
  return cut_embedding.empty() ? companion_->remove(person) : companion_->reject(person, cut_embedding);
}

Status KnownPeople::unreject(PersonId person, std::size_t place) {
  FACEPIPE_TRY(drop_rejected(gallery_, person, place));
  return accompanied(person) ? drop_rejected(*companion_, person, place) : Status();
}

std::vector<float> KnownPeople::cut_embedding(std::size_t row) const {
  const PersonId person = gallery_.people()[gallery_.owner(row)].id;
  return accompanied(person)
             ? copy_of(companion_->embedding(companion_->rows_of(person).at(place_of(gallery_, person, row))))
             : std::vector<float>();
}

std::vector<float> KnownPeople::cut_rejected(PersonId person, std::size_t place) const {
  return accompanied(person) ? companion_->rejected(person)[place] : std::vector<float>();
}

std::vector<Person> KnownPeople::unaccompanied() const {
  return companion_ ? people_missing(gallery_, *companion_,
                                     [](const Person&, const std::optional<Person>& there) { return !there; })
                    : std::vector<Person>();
}

Status KnownPeople::accompany(PersonId person, std::span<const std::vector<float>> cut_embeddings) {
  const auto found = gallery_.find(person);
  if (!companion_ || accompanied(person) || !found || !gallery_.rejected(person).empty() ||
      gallery_.people()[*found].embedding_count != cut_embeddings.size()) {
    return {};
  }
  FACEPIPE_TRY(companion_->restore(person, gallery_.people()[*found].name, cut_embeddings.front()));
  for (const std::vector<float>& embedding : cut_embeddings.subspan(1)) {
    FACEPIPE_TRY(companion_->add(person, embedding));
  }
  return {};
}

Result<KnownPeople> load_people(const std::filesystem::path& file, const SealingKey* key) {
  FACEPIPE_ASSIGN(Gallery gallery, load_gallery_to_edit(file, key));
  auto companion = load_gallery_to_edit(companion_file(file), key);
  if (!companion) {
    return companion.error().code == ErrorCode::kNotFound ? Result<KnownPeople>(KnownPeople(std::move(gallery)))
                                                          : std::move(companion).error();
  }
  KnownPeople people(std::move(gallery), *std::move(companion));
  people.reconcile();
  return people;
}

Status save_people(const KnownPeople& people, const std::filesystem::path& file, const SealingKey* key) {
  if (people.companion() != nullptr) {
    FACEPIPE_TRY(save_gallery(*people.companion(), companion_file(file), key));
  }
  FACEPIPE_TRY(save_gallery(people.gallery(), file, key));
  if (people.companion() == nullptr) {
    std::error_code error;  // left behind at worst: it agrees with nobody
    std::filesystem::remove(companion_file(file), error);
  }
  return {};
}

}  // namespace facepipe::gallery
