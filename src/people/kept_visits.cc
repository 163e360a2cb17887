// Tested by people_desk_test.cc.
#include <utility>

#include "faces/ids.h"
#include "faces/json_fields.h"
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
    faces::apply(correction, *visit);
    batch.events.push_back(
        {faces::random_event_key(), "visit.corrected", clock_.now(), faces::visit_event_json(*visit)});
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
    faces::apply(faces::rebased(correction, corrections, *unknown), *unknown);
    batch.unknowns.push_back(*std::move(unknown));
  }
  return store_.write(batch);
}

}  // namespace facepipe::people
