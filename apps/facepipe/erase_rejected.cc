// Tested by tests/e2e/test_queue.py.
#include "erase_rejected.h"

#include <span>
#include <utility>

#include "base/base64.h"

namespace facepipe::app {
namespace {

Result<bool> shows(const gallery::Gallery& gallery, gallery::PersonId person, const std::vector<float>& embedding) {
  FACEPIPE_ASSIGN(const auto match, gallery.search(embedding));
  return match && gallery.people()[match->person].id == person &&
         (!gallery.distance_threshold() || match->distance <= *gallery.distance_threshold());
}

}  // namespace

Result<ErasedRejected> erase_rejected_of(gallery::KnownPeople& people, gallery::PersonId person) {
  const gallery::Gallery& gallery = people.gallery();
  ErasedRejected erased;
  for (const gallery::Person& other : gallery.people()) {
    for (std::size_t place = other.id == person ? 0 : gallery.rejected(other.id).size(); place > 0; --place) {
      const std::vector<float>& embedding = gallery.rejected(other.id)[place - 1];
      FACEPIPE_ASSIGN(const bool theirs, shows(gallery, person, embedding));
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

std::size_t rejected_count(const gallery::Gallery& gallery) {
  std::size_t count = 0;
  for (const gallery::Person& person : gallery.people()) {
    count += gallery.rejected(person.id).size();
  }
  return count;
}

}  // namespace facepipe::app
