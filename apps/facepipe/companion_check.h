// Does the gallery's companion for cut faces serve?
#pragma once

#include <string>

#include "gallery/gallery.h"
#include "options.h"

namespace facepipe::app {

enum class CompanionState {
  kNone,    // there is none
  kServes,  // it agrees with the gallery
  kBehind,  // it does not: the first network names cut faces, by a narrower threshold
  kBroken,  // it cannot be read: the same, and no change of the gallery is taken until it is gone
};
struct CompanionCheck {
  CompanionState state = CompanionState::kNone;
  std::string text;  // for people; empty of kNone
};
// Of the companion beside option.path(), where `gallery` lies.
[[nodiscard]] CompanionCheck check_companion(const GalleryOption& option, const gallery::Gallery& gallery);

}  // namespace facepipe::app
