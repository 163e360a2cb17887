// Tested by people_desk_test.cc.
#include <utility>

#include "people/visit_desk.h"

namespace facepipe::people {

Result<faces::Written> KeptVisits::write(const Corrections& corrections, faces::Batch batch) {
  for (const VisitCorrection& correction : corrections.visits) {
    auto visit = store_.visit(correction.visit);
    if (!visit && visit.error().code == ErrorCode::kNotFound) {
      continue;
    }
    if (!visit) {
      return std::move(visit).error();
    }
    visit->person = correction.person;
    visit->name = correction.name;
    visit->unknown = correction.unknown;
    visit->probability = correction.probability;
    visit->corrected_by = correction.corrected_by;
    batch.visits.push_back(*std::move(visit));
  }
  for (const UnknownCorrection& correction : corrections.unknowns) {
    auto unknown = store_.unknown(correction.unknown);
    if (!unknown && unknown.error().code == ErrorCode::kNotFound) {
      continue;
    }
    if (!unknown) {
      return std::move(unknown).error();
    }
    unknown->faces = correction.faces;
    unknown->visits = correction.visits;
    unknown->best_face = correction.best_face;
    unknown->ignored = correction.ignored;
    batch.unknowns.push_back(*std::move(unknown));
  }
  return store_.write(batch);
}

}  // namespace facepipe::people
