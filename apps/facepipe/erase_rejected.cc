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

Result<std::vector<std::string>> erase_rejected_of(gallery::Gallery& gallery, gallery::PersonId person) {
  std::vector<std::string> erased;
  for (const gallery::Person& other : gallery.people()) {
    if (other.id == person) {
      continue;
    }
    std::vector<std::vector<float>> kept;
    const std::size_t before = erased.size();
    for (const std::vector<float>& embedding : gallery.rejected(other.id)) {
      FACEPIPE_ASSIGN(const bool theirs, shows(gallery, person, embedding));
      if (theirs) {
        erased.push_back(base64_encode(std::as_bytes(std::span(embedding))));
      } else {
        kept.push_back(embedding);
      }
    }
    if (erased.size() == before) {
      continue;
    }
    FACEPIPE_TRY(gallery.forget_rejected(other.id));
    for (const std::vector<float>& embedding : kept) {
      FACEPIPE_TRY(gallery.reject(other.id, embedding));
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
