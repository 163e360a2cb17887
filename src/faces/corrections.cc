// Tested by visits/tracker_test.cc and people/people_desk_test.cc.
#include "faces/corrections.h"

#include <algorithm>

namespace facepipe::faces {

void apply(const VisitCorrection& correction, VisitRecord& visit) {
  visit.person = correction.person;
  visit.name = correction.person ? correction.name : std::string();
  visit.unknown = correction.person ? std::nullopt : correction.unknown;
  visit.probability = correction.probability;
  visit.corrected_by = correction.corrected_by;
  visit.second_person.reset();
  visit.second_name.clear();
  if (visit.state != VisitState::kEnded) {
    visit.state = visit.person ? VisitState::kNamed : VisitState::kStarted;
  }
}

void apply(const UnknownCorrection& correction, UnknownRecord& group) {
  group.faces = correction.faces;
  group.visits = correction.visits;
  group.best_face = correction.best_face;
  group.ignored = correction.ignored;
}

UnknownCorrection rebased(const UnknownCorrection& correction, const Corrections& corrections,
                          const UnknownRecord& now) {
  const auto seen = std::ranges::find(corrections.seen, correction.unknown, &UnknownCorrection::unknown);
  if (seen == corrections.seen.end()) {
    return correction;
  }
  UnknownCorrection after = correction;
  after.faces = std::max(0, now.faces + correction.faces - seen->faces);
  after.visits = std::max(0, now.visits + correction.visits - seen->visits);
  after.best_face = now.best_face == seen->best_face ? correction.best_face : now.best_face;
  after.ignored = now.ignored == seen->ignored ? correction.ignored : now.ignored;
  return after;
}

}  // namespace facepipe::faces
