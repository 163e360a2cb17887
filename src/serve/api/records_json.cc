// Tested by api_test.cc; tests/e2e/test_api_description.py holds the texts against the schemas.
#include "serve/api/records_json.h"

#include <array>

#include "base/time_text.h"
#include "faces/json_fields.h"

namespace facepipe::serve {
namespace {

using faces::put;
using faces::put_box;
using faces::put_id;
using faces::put_texts;
using faces::put_time;

template <typename Id>
std::optional<std::string> image_path(std::string_view kind, const std::optional<Id>& id) {
  return id ? std::optional("/api/" + std::string(kind) + "/" + faces::to_text(*id) + "/image") : std::nullopt;
}

std::string_view mark_name(faces::Mark mark) {
  constexpr std::array<std::string_view, 5> kNames{"none", "assigned", "rejected", "ignored", "not-a-face"};
  return kNames.at(static_cast<std::size_t>(mark));
}

std::string_view refusal_name(people::Refusal refusal) {
  constexpr std::array<std::string_view, 6> kNames{"none",          "no-picture",     "no-face",
                                                   "several-faces", "cannot-be-told", "already-there"};
  return kNames.at(static_cast<std::size_t>(refusal));
}

// The name now; as it was then, where that is not known.
void put_person(JsonWriter& json, const std::optional<faces::PersonId>& person, const NameOf& name_of,
                const std::string& then) {
  put_id(json, "person", person);
  std::optional<std::string> name;
  if (person) {
    name = name_of ? name_of(*person) : std::nullopt;
    if (!name && !then.empty()) {
      name = then;
    }
  }
  put(json, "name", name);
}

void put_changed(JsonWriter& json, const people::Changed& changed) {
  json.key("change");
  if (changed.change) {
    json.integer(static_cast<std::int64_t>(*changed.change));
  } else {
    json.null();
  }
  json.key("undoable").boolean(changed.undoable);
}

void put_quality(JsonWriter& json, const std::optional<recognize::Quality>& quality) {
  json.key("quality");
  if (!quality) {
    json.null();
    return;
  }
  json.begin_object().key("score").number(quality->score).key("usable").boolean(quality->usable);
  json.key("reasons").begin_array();
  for (const recognize::Flaw flaw : quality->flaws) {
    json.string(recognize::to_string(flaw));
  }
  json.end_array().end_object();
}

}  // namespace

void write(JsonWriter& json, const faces::FaceRecord& face, const NameOf& name_of) {
  const faces::Decision& decision = face.decision;
  json.begin_object();
  put_face(json, face);
  const auto person = person_of(face);
  put_person(json, person, name_of, person == decision.person ? decision.name : "");
  json.key("decision").begin_object();
  put_id(json, "person", decision.person);
  json.key("name").string(decision.name);
  put(json, "distance", decision.distance);
  put(json, "threshold", decision.threshold);
  put(json, "probability", decision.probability);
  put_id(json, "second_person", decision.second_person);
  json.key("second_name").string(decision.second_name);
  put(json, "second_distance", decision.second_distance);
  put(json, "second_probability", decision.second_probability);
  json.end_object();
  put_id(json, "visit", face.visit);
  put_id(json, "unknown", face.unknown);
  json.key("mark").string(mark_name(face.mark));
  put_id(json, "marked_person", face.marked_person);
  put(json, "image", face.has_crop ? image_path("faces", std::optional(face.id)) : std::nullopt);
  json.end_object();
}

void write(JsonWriter& json, const faces::VisitRecord& visit, const NameOf& name_of) {
  json.begin_object();
  put_visit(json, visit);
  put_person(json, visit.person, name_of, visit.name);
  put_course(json, visit);
  put(json, "image", image_path("faces", visit.best_face));
  put_texts(json, "reasons", visit.reasons);
  json.key("corrected_by").string(visit.corrected_by).end_object();
}

void write(JsonWriter& json, const faces::UnknownRecord& unknown) {
  json.begin_object().key("id").string(faces::to_text(unknown.id));
  json.key("faces").integer(unknown.faces).key("visits").integer(unknown.visits);
  json.key("first_seen").string(format_utc(unknown.first_seen)).key("last_seen").string(format_utc(unknown.last_seen));
  put_id(json, "best_face", unknown.best_face);
  put(json, "image", image_path("faces", unknown.best_face));
  json.key("ignored").boolean(unknown.ignored).end_object();
}

void write(JsonWriter& json, const people::PersonSummary& person) {
  json.begin_object().key("id").string(faces::to_text(person.id)).key("name").string(person.name);
  json.key("pictures").integer(static_cast<std::int64_t>(person.pictures));
  json.key("rejected").integer(static_cast<std::int64_t>(person.rejected));
  put_time(json, "last_seen", person.last_seen);
  put_id(json, "cover", person.cover);
  put(json, "image", image_path("pictures", person.cover));
  json.key("doubtful");
  if (person.doubtful) {
    json.integer(static_cast<std::int64_t>(*person.doubtful));
  } else {
    json.null();
  }
  json.end_object();
}

void write(JsonWriter& json, const people::PersonPicture& picture) {
  const faces::PictureRecord& record = picture.record;
  json.begin_object().key("id").string(faces::to_text(picture.id)).key("person").string(faces::to_text(picture.person));
  json.key("kept").boolean(picture.kept);
  put_time(json, "time", picture.kept ? std::optional(record.time) : std::nullopt);
  json.key("source").string(record.source);
  put_id(json, "face", record.face);
  put(json, "quality", record.quality);
  put_texts(json, "reasons", record.reasons);
  put(json, "image", picture.kept ? image_path("pictures", std::optional(picture.id)) : std::nullopt);
  put(json, "likeness", picture.likeness);
  put(json, "doubt", picture.doubt ? std::optional(std::string(recognize::to_string(*picture.doubt))) : std::nullopt);
  put_id(json, "other", picture.other);
  json.key("other_name").string(picture.other_name);
  json.end_object();
}

void write(JsonWriter& json, const people::ChangeSummary& change) {
  const faces::ChangeRecord& record = change.record;
  json.begin_object().key("id").integer(static_cast<std::int64_t>(record.id));
  json.key("time").string(format_utc(record.what.time)).key("who").string(record.what.who);
  json.key("action").string(record.what.action);
  put_id(json, "person", change.person);
  json.key("name").string(change.name).key("faces").integer(static_cast<std::int64_t>(change.faces));
  json.key("pictures").integer(static_cast<std::int64_t>(change.pictures)).key("undoable").boolean(change.undoable);
  json.key("undone_by");
  if (record.undone_by) {
    json.integer(static_cast<std::int64_t>(*record.undone_by));
  } else {
    json.null();
  }
  json.end_object();
}

void write(JsonWriter& json, const faces::Delivery& delivery) {
  json.begin_object().key("event").integer(static_cast<std::int64_t>(delivery.event));
  json.key("key").string(delivery.key).key("type").string(delivery.type).key("time").string(format_utc(delivery.time));
  json.key("output").string(delivery.output).key("attempts").integer(delivery.attempts);
  json.key("error").string(delivery.error).end_object();
}

void write(JsonWriter& json, const look::SeenFace& face) {
  json.begin_object();
  put_box(json, "box", face.face.box);
  json.key("confidence").number(face.face.confidence);
  put_quality(json, face.quality);
  const bool known = face.identity && face.identity->person;
  put_id(json, "person", known ? face.identity->person : std::nullopt);
  put(json, "name", known ? std::optional(face.identity->name) : std::nullopt);
  put(json, "distance", face.identity ? face.identity->distance : std::nullopt);
  put(json, "probability", face.identity ? face.identity->probability : std::nullopt);
  json.key("nearest").begin_array();
  for (const look::NearPerson& near : face.nearest) {
    json.begin_object().key("person").string(faces::to_text(near.id)).key("name").string(near.name);
    json.key("distance").number(near.distance).end_object();
  }
  json.end_array().end_object();
}

std::string to_json(const people::Changed& changed) {
  JsonWriter json;
  json.begin_object();
  put_changed(json, changed);
  json.end_object();
  return std::move(json).text();
}

std::string to_json(const people::Assigned& assigned) {
  JsonWriter json;
  json.begin_object();
  put_changed(json, assigned);
  json.key("person").string(faces::to_text(assigned.person)).key("name").string(assigned.name);
  json.key("is_new").boolean(assigned.is_new).end_object();
  return std::move(json).text();
}

std::string to_json(const people::Added& added) {
  JsonWriter json;
  json.begin_object();
  put_changed(json, added);
  put_id(json, "person", added.person);
  json.key("name").string(added.name).key("is_new").boolean(added.is_new).key("pictures").begin_array();
  for (const people::PictureOutcome& outcome : added.pictures) {
    json.begin_object().key("label").string(outcome.label).key("refusal").string(refusal_name(outcome.refusal));
    json.key("message").string(outcome.message);
    put_id(json, "picture", outcome.picture);
    put(json, "quality", outcome.quality);
    put_texts(json, "reasons", outcome.reasons);
    json.end_object();
  }
  json.end_array().end_object();
  return std::move(json).text();
}

}  // namespace facepipe::serve
