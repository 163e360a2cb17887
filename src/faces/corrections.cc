// Tested by visits/tracker_test.cc and people/people_desk_test.cc.
#include "faces/corrections.h"

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

}  // namespace facepipe::faces
