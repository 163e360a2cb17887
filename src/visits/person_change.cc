// Tested by tracker_test.cc.
#include "visits/person_change.h"

namespace facepipe::visits {
namespace {

bool replace(const PersonChange& change, std::optional<faces::PersonId>& person, std::string& name) {
  if (person != change.person) {
    return false;
  }
  person = change.now ? std::optional(change.now->person) : std::nullopt;
  name = change.now ? change.now->name : std::string();
  return true;
}

}  // namespace

bool apply(const PersonChange& change, faces::VisitRecord& visit) {
  const bool first = replace(change, visit.person, visit.name);
  const bool second = replace(change, visit.second_person, visit.second_name);
  if (first && !change.now) {
    visit.probability.reset();
    visit.corrected_by.clear();
    visit.state = visit.state == faces::VisitState::kNamed ? faces::VisitState::kStarted : visit.state;
  }
  return first || second;
}

}  // namespace facepipe::visits
