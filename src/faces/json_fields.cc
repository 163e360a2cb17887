// Tested by serve/api/api_test.cc and visits/visit_keeper_test.cc; tests/e2e/test_api_description.py holds the texts
// against the schemas.
#include "faces/json_fields.h"

#include <array>

#include "base/time_text.h"

namespace facepipe::faces {
namespace {

std::string_view state_name(VisitState state) {
  constexpr std::array<std::string_view, 3> kNames{"started", "named", "ended"};
  return kNames.at(static_cast<std::size_t>(state));
}

}  // namespace

void put(JsonWriter& json, std::string_view name, const std::optional<float>& value) {
  json.key(name);
  value ? json.number(*value) : json.null();
}

void put(JsonWriter& json, std::string_view name, const std::optional<std::string>& value) {
  json.key(name);
  value ? json.string(*value) : json.null();
}

void put_time(JsonWriter& json, std::string_view name, const std::optional<Clock::TimePoint>& time) {
  put(json, name, time ? std::optional(format_utc(*time)) : std::nullopt);
}

void put_texts(JsonWriter& json, std::string_view name, const std::vector<std::string>& texts) {
  json.key(name).begin_array();
  for (const std::string& text : texts) {
    json.string(text);
  }
  json.end_array();
}

void put_box(JsonWriter& json, std::string_view name, const std::optional<image::Box>& box) {
  json.key(name);
  if (!box) {
    json.null();
    return;
  }
  json.begin_object().key("x1").number(box->x1).key("y1").number(box->y1);
  json.key("x2").number(box->x2).key("y2").number(box->y2).end_object();
}

void put_face(JsonWriter& json, const FaceRecord& face) {
  json.key("id").string(to_text(face.id)).key("request_id").string(face.request_id);
  json.key("index").integer(face.face_index).key("count").integer(face.face_count);
  json.key("camera").string(face.camera).key("time").string(format_utc(face.time));
  put_box(json, "box", face.box);
  put(json, "confidence", face.confidence);
  put(json, "quality", face.quality);
  json.key("usable").boolean(face.usable);
  put_texts(json, "reasons", face.reasons);
}

void put_visit(JsonWriter& json, const VisitRecord& visit) {
  json.key("id").string(to_text(visit.id)).key("camera").string(visit.camera);
  json.key("state").string(state_name(visit.state));
}

void put_course(JsonWriter& json, const VisitRecord& visit) {
  put_id(json, "unknown", visit.unknown);
  put(json, "probability", visit.probability);
  put_id(json, "second_person", visit.second_person);
  json.key("second_name").string(visit.second_name);
  json.key("first_seen").string(format_utc(visit.first_seen)).key("last_seen").string(format_utc(visit.last_seen));
  json.key("frames").integer(visit.frames);
  put_id(json, "best_face", visit.best_face);
}

void put_person(JsonWriter& json, const std::optional<PersonId>& person, const std::string& name) {
  put_id(json, "person", person);
  put(json, "name", person ? std::optional(name) : std::nullopt);
}

std::string visit_event_json(const VisitRecord& visit) {
  JsonWriter json;
  json.begin_object().key("visit").begin_object();
  put_visit(json, visit);
  put_person(json, visit.person, visit.name);
  put_course(json, visit);
  put_texts(json, "reasons", visit.reasons);
  json.key("corrected_by").string(visit.corrected_by).end_object().end_object();
  return std::move(json).text();
}

}  // namespace facepipe::faces
