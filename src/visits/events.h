// Events of visits and faces, as they are stored and go out. docs/visits.md lists types and fields.
#pragma once

#include <string_view>

#include "faces/records.h"
#include "visits/tracker.h"

namespace facepipe::visits {

// "visit.started", "visit.named", "visit.resumed", "visit.corrected", "visit.ended"
[[nodiscard]] std::string_view type_of(VisitEvent event);
// {"visit": {...}}
[[nodiscard]] faces::NewEvent visit_event(VisitEvent event, const faces::VisitRecord& visit, Clock::TimePoint now);
// "face.seen", the answer to one face: {"face": {...}}
[[nodiscard]] faces::NewEvent face_event(const faces::FaceRecord& face, Clock::TimePoint now);

}  // namespace facepipe::visits
