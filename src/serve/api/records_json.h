// What is kept, as the API says it. Schemas: schemas.h.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "base/json_writer.h"
#include "faces/face_store.h"
#include "look/look.h"
#include "people/people_desk.h"

namespace facepipe::serve {

// The name that a person has now; nothing: not known here.
using NameOf = std::function<std::optional<std::string>(faces::PersonId)>;

void write(JsonWriter& json, const faces::FaceRecord& face, const NameOf& name_of);
void write(JsonWriter& json, const faces::VisitRecord& visit, const NameOf& name_of);
void write(JsonWriter& json, const faces::UnknownRecord& unknown);
void write(JsonWriter& json, const people::PersonSummary& person);
void write(JsonWriter& json, const people::PersonPicture& picture);
void write(JsonWriter& json, const people::ChangeSummary& change);
void write(JsonWriter& json, const faces::Delivery& delivery);
void write(JsonWriter& json, const look::SeenFace& face);
// One object with what every change says and what this one says beside.
[[nodiscard]] std::string to_json(const people::Changed& changed);
[[nodiscard]] std::string to_json(const people::Assigned& assigned);
[[nodiscard]] std::string to_json(const people::Added& added);

// "items": [...], "next": CURSOR or null; each by write() with what that takes besides.
template <typename Record, typename... More>
void write_page(JsonWriter& json, const faces::Page<Record>& page, const More&... more) {
  json.key("items").begin_array();
  for (const Record& record : page.records) {
    write(json, record, more...);
  }
  json.end_array().key("next");
  if (page.next) {
    json.string(*page.next);
  } else {
    json.null();
  }
}

}  // namespace facepipe::serve
