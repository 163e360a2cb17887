// Tested by tests/e2e/test_cut_faces.py.
#include "companion_check.h"

#include <algorithm>
#include <span>
#include <vector>

#include "base/json_writer.h"

namespace facepipe::app {
namespace {

constexpr std::size_t kNamed = 5;

// The people whom the companion has not as the gallery has them, the first ones by name.
std::string those_behind(const gallery::Gallery& gallery, const gallery::Gallery& companion) {
  const std::vector<gallery::Person> missing = gallery::missing_in(gallery, companion);
  const std::size_t count = missing.size();
  std::string names;
  for (const gallery::Person& person : std::span(missing).first(std::min(count, kNamed))) {
    names += (names.empty() ? "" : ", ") + json_quote(person.name);
  }
  return std::to_string(count) + " people (" + names + (count > kNamed ? ", ..." : "") + ")";
}

}  // namespace

CompanionCheck check_companion(const GalleryOption& option, const gallery::Gallery& gallery) {
  const auto companion = option.load_companion();
  if (!companion) {
    return companion.error().code == ErrorCode::kNotFound
               ? CompanionCheck{}
               : CompanionCheck{CompanionState::kBroken,
                                companion.error().message + ": delete it, and cut faces are told less well"};
  }
  const std::string file = gallery::companion_file(option.path()).string();
  if (gallery::agree(gallery, *companion)) {
    return {CompanionState::kServes, file + " has every picture, by " + companion->origin().model_id};
  }
  return {CompanionState::kBehind, file + " has not the same pictures of " + those_behind(gallery, *companion) +
                                       ": cut faces are told less well until these are removed and enrolled again"};
}

}  // namespace facepipe::app
