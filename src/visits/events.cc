// Tested by visit_keeper_test.cc.
#include "visits/events.h"

#include <array>

#include "faces/json_fields.h"

namespace facepipe::visits {
namespace {

using faces::put;
using faces::put_id;
using faces::put_person;

faces::NewEvent event_of(std::string_view type, Clock::TimePoint now, std::string json) {
  return {faces::random_event_key(), std::string(type), now, std::move(json)};
}

}  // namespace

std::string_view type_of(VisitEvent event) {
  constexpr std::array<std::string_view, 5> kTypes{"visit.started", "visit.named", "visit.resumed", "visit.corrected",
                                                   "visit.ended"};
  return kTypes.at(static_cast<std::size_t>(event));
}

faces::NewEvent visit_event(VisitEvent event, const faces::VisitRecord& visit, Clock::TimePoint now) {
  return event_of(type_of(event), now, faces::visit_event_json(visit));
}

faces::NewEvent visit_gone_event(faces::VisitId visit, Clock::TimePoint now) {
  JsonWriter json;
  json.begin_object().key("visit").string(faces::to_text(visit)).end_object();
  return event_of("visit.erased", now, std::move(json).text());
}

faces::NewEvent face_event(const faces::FaceRecord& face, Clock::TimePoint now) {
  JsonWriter json;
  json.begin_object().key("face").begin_object();
  put_face(json, face);
  put_person(json, face.decision.person, face.decision.name);
  put(json, "distance", face.decision.distance);
  put(json, "probability", face.decision.probability);
  put_id(json, "visit", face.visit);
  put_id(json, "unknown", face.unknown);
  json.end_object().end_object();
  return event_of("face.seen", now, std::move(json).text());
}

}  // namespace facepipe::visits
