// Tested by known_people_test.cc.
#include "gallery/known_people.h"

#include <algorithm>
#include <system_error>
#include <vector>

namespace facepipe::gallery {
std::filesystem::path companion_file(const std::filesystem::path& gallery_file) {
  std::filesystem::path file = gallery_file;
  return file += ".cut";
}

bool same_person(const Gallery& gallery, const Person& person, const Gallery& companion) {
  const auto found = companion.find(person.id);
  return found && companion.people()[*found].name == person.name &&
         companion.people()[*found].embedding_count == person.embedding_count &&
         companion.rejected(person.id).size() == gallery.rejected(person.id).size();
}

bool agree(const Gallery& gallery, const Gallery& companion) {
  return gallery.people().size() == companion.people().size() &&
         std::ranges::all_of(gallery.people(),
                             [&](const Person& person) { return same_person(gallery, person, companion); });
}

bool KnownPeople::reconcile() {
  if (!companion_ || agree(gallery_, *companion_)) {
    return false;
  }
  std::vector<PersonId> others;
  for (const Person& person : companion_->people()) {
    const auto own = gallery_.find(person.id);
    if (!own || !same_person(gallery_, gallery_.people()[*own], *companion_)) {
      others.push_back(person.id);
    }
  }
  for (const PersonId person : others) {
    static_cast<void>(companion_->remove(person));  // they are there
  }
  return !others.empty();
}

Status KnownPeople::add(std::string_view name, std::span<const float> embedding, std::span<const float> cut_embedding) {
  FACEPIPE_TRY(gallery_.add(name, embedding));
  if (!companion_) {
    return {};
  }
  FACEPIPE_ASSIGN(const PersonId person, gallery_.id_of(name));
  if (cut_embedding.empty()) {
    return accompanied(person) ? companion_->remove(person) : Status();
  }
  return accompanied(person) ? companion_->add(person, cut_embedding)
                             : companion_->restore(person, name, cut_embedding);
}

Status KnownPeople::reject(PersonId person, std::span<const float> embedding, std::span<const float> cut_embedding) {
  FACEPIPE_TRY(gallery_.reject(person, embedding));
  if (!accompanied(person)) {
    return {};
  }
  return cut_embedding.empty() ? companion_->remove(person) : companion_->reject(person, cut_embedding);
}

Status KnownPeople::forget_rejected(PersonId person) {
  FACEPIPE_TRY(gallery_.forget_rejected(person));
  return accompanied(person) ? companion_->forget_rejected(person) : Status();
}

Status KnownPeople::remove(PersonId person) {
  FACEPIPE_TRY(gallery_.remove(person));
  return accompanied(person) ? companion_->remove(person) : Status();
}

Status KnownPeople::rename(PersonId person, std::string_view name) {
  FACEPIPE_TRY(gallery_.rename(person, name));
  return accompanied(person) ? companion_->rename(person, name) : Status();
}

Result<KnownPeople> load_people(const std::filesystem::path& file, const SealingKey* key) {
  FACEPIPE_ASSIGN(Gallery gallery, load_gallery(file, key));
  auto companion = load_gallery(companion_file(file), key);
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
