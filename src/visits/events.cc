// Tested by visit_keeper_test.cc.
#include "visits/events.h"

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "base/json_writer.h"
#include "base/time_text.h"
#include "faces/ids.h"

namespace facepipe::visits {
namespace {

template <typename Id>
void put_id(JsonWriter& json, std::string_view name, const std::optional<Id>& id) {
  json.key(name);
  if (id) {
    json.string(faces::to_text(*id));
  } else {
    json.null();
  }
}

void put(JsonWriter& json, std::string_view name, const std::optional<float>& number) {
  json.key(name);
  if (number) {
    json.number(*number);
  } else {
    json.null();
  }
}

void put_name(JsonWriter& json, const std::optional<faces::PersonId>& person, const std::string& name) {
  put_id(json, "person", person);
  json.key("name");
  if (person) {
    json.string(name);
  } else {
    json.null();
  }
}

void put_texts(JsonWriter& json, std::string_view name, const std::vector<std::string>& texts) {
  json.key(name).begin_array();
  for (const std::string& text : texts) {
    json.string(text);
  }
  json.end_array();
}

void put_box(JsonWriter& json, const std::optional<image::Box>& box) {
  json.key("box");
  if (!box) {
    json.null();
    return;
  }
  json.begin_object().key("x1").number(box->x1).key("y1").number(box->y1);
  json.key("x2").number(box->x2).key("y2").number(box->y2).end_object();
}

std::string_view state_name(faces::VisitState state) {
  constexpr std::array<std::string_view, 3> kNames{"started", "named", "ended"};
  return kNames.at(static_cast<std::size_t>(state));
}

faces::NewEvent event_of(std::string_view type, Clock::TimePoint now, JsonWriter json) {
  return {faces::random_event_key(), std::string(type), now, std::move(json).text()};
}

}  // namespace

std::string_view type_of(VisitEvent event) {
  constexpr std::array<std::string_view, 5> kTypes{"visit.started", "visit.named", "visit.resumed", "visit.corrected",
                                                   "visit.ended"};
  return kTypes.at(static_cast<std::size_t>(event));
}

faces::NewEvent visit_event(VisitEvent event, const faces::VisitRecord& visit, Clock::TimePoint now) {
  JsonWriter json;
  json.begin_object().key("visit").begin_object();
  json.key("id").string(faces::to_text(visit.id)).key("camera").string(visit.camera);
  json.key("state").string(state_name(visit.state));
  put_name(json, visit.person, visit.name);
  put_id(json, "unknown", visit.unknown);
  put(json, "probability", visit.probability);
  put_id(json, "second_person", visit.second_person);
  json.key("second_name").string(visit.second_name);
  json.key("first_seen").string(format_utc(visit.first_seen)).key("last_seen").string(format_utc(visit.last_seen));
  json.key("frames").integer(visit.frames);
  put_id(json, "best_face", visit.best_face);
  put_texts(json, "reasons", visit.reasons);
  json.key("corrected_by").string(visit.corrected_by).end_object().end_object();
  return event_of(type_of(event), now, std::move(json));
}

faces::NewEvent face_event(const faces::FaceRecord& face, Clock::TimePoint now) {
  JsonWriter json;
  json.begin_object().key("face").begin_object();
  json.key("id").string(faces::to_text(face.id)).key("request_id").string(face.request_id);
  json.key("index").integer(face.face_index).key("count").integer(face.face_count);
  json.key("camera").string(face.camera).key("time").string(format_utc(face.time));
  put_box(json, face.box);
  put(json, "confidence", face.confidence);
  put(json, "quality", face.quality);
  json.key("usable").boolean(face.usable);
  put_texts(json, "reasons", face.reasons);
  put_name(json, face.decision.person, face.decision.name);
  put(json, "distance", face.decision.distance);
  put(json, "probability", face.decision.probability);
  put_id(json, "visit", face.visit);
  put_id(json, "unknown", face.unknown);
  json.end_object().end_object();
  return event_of("face.seen", now, std::move(json));
}

}  // namespace facepipe::visits
