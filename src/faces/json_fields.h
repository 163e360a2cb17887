// What is kept, in JSON as events and the API both have it. What is absent is null.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/json_writer.h"
#include "faces/ids.h"
#include "faces/records.h"

namespace facepipe::faces {

void put(JsonWriter& json, std::string_view name, const std::optional<float>& value);
void put(JsonWriter& json, std::string_view name, const std::optional<std::string>& value);
void put_time(JsonWriter& json, std::string_view name, const std::optional<Clock::TimePoint>& time);
template <typename Id>
void put_id(JsonWriter& json, std::string_view name, const std::optional<Id>& id) {
  put(json, name, id ? std::optional(to_text(*id)) : std::nullopt);
}
void put_texts(JsonWriter& json, std::string_view name, const std::vector<std::string>& texts);
// {"x1":...,"y1":...,"x2":...,"y2":...}
void put_box(JsonWriter& json, std::string_view name, const std::optional<image::Box>& box);

// The fields of a record that are the same wherever it is told, in an object that has begun: of a face up to who it is
// ("id" to "reasons"); of a visit what comes before its person ("id" to "state") and behind ("unknown" to "best_face").
void put_face(JsonWriter& json, const FaceRecord& face);
void put_visit(JsonWriter& json, const VisitRecord& visit);
void put_course(JsonWriter& json, const VisitRecord& visit);
// "person" and "name", which is null without one.
void put_person(JsonWriter& json, const std::optional<PersonId>& person, const std::string& name);

// {"visit":{...}}: what events tell of a visit.
[[nodiscard]] std::string visit_event_json(const VisitRecord& visit);

}  // namespace facepipe::faces
