// Tested by tests/e2e/test_evaluate.py.
#include "evaluate_roster.h"

#include <algorithm>
#include <map>
#include <utility>

namespace facepipe::app {
namespace {

// With a folder of its own for enrolment everybody in it is enrolled with every photograph, but those left out.
Result<Roster> roster_of_two(const RosterOptions& options, LabelledFiles probes) {
  FACEPIPE_ASSIGN(const LabelledFiles enrolled, people_of(options.enrol));
  const std::vector<std::string>& without = options.split.without;
  std::map<std::string, bool> known;
  for (const std::string& person : enrolled.person) {
    known[person] = std::find(without.begin(), without.end(), person) == without.end();
  }
  for (const std::string& name : without) {
    if (!known.contains(name)) {
      return Error{ErrorCode::kInvalidArgument, "--without: expected somebody of " + options.enrol.string() +
                                                    ", found nobody named \"" + name + "\""};
    }
  }
  Roster roster;
  for (const std::string& person : probes.person) {
    const auto entry = known.find(person);
    roster.roles.push_back(entry != known.end() && entry->second ? evaluate::Role::kKnown : evaluate::Role::kStranger);
  }
  roster.files = std::move(probes);
  for (std::size_t i = 0; i < enrolled.files.size(); ++i) {
    if (known[enrolled.person[i]]) {
      roster.files.files.push_back(enrolled.files[i]);
      roster.files.person.push_back(enrolled.person[i]);
      roster.roles.push_back(evaluate::Role::kEnrolled);
    }
  }
  return roster;
}

}  // namespace

Result<Roster> roster_of(const RosterOptions& options) {
  FACEPIPE_ASSIGN(LabelledFiles files, people_of(options.folder));
  if (!options.enrol.empty()) {
    return roster_of_two(options, std::move(files));
  }
  FACEPIPE_ASSIGN(std::vector<evaluate::Role> roles, evaluate::split_people(files.person, options.split));
  return Roster{std::move(files), std::move(roles)};
}

}  // namespace facepipe::app
