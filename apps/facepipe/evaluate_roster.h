// Who is enrolled and who is asked, for `facepipe evaluate identify`.
#pragma once

#include <filesystem>
#include <vector>

#include "evaluate.h"
#include "evaluate/identification.h"

namespace facepipe::app {

struct RosterOptions {
  std::filesystem::path folder;
  std::filesystem::path enrol;  // empty: half of `folder`'s photographs are enrolled
  evaluate::SplitOptions split;
};

// The photographs and what each is for.
struct Roster {
  LabelledFiles files;
  std::vector<evaluate::Role> roles;
};

// Errors of people_of and split_people.
[[nodiscard]] Result<Roster> roster_of(const RosterOptions& options);

}  // namespace facepipe::app
