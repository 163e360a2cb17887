// Tested by api_test.cc.
#include "serve/api/common_fields.h"

#include "base/clock.h"
#include "faces/ids.h"
#include "serve/api/answers.h"
#include "serve/api/records_json.h"

namespace facepipe::serve {

Field id_field(std::string name) {
  return {.name = std::move(name), .kind = Field::Kind::kId};
}

std::vector<Field> paged(std::vector<Field> fields) {
  fields.push_back({.name = "cursor", .about = "`next` of the page before", .low = 1, .high = 512});
  fields.push_back(
      {.name = "limit", .kind = Field::Kind::kInteger, .low = 1, .high = static_cast<std::int64_t>(faces::kMaxPage)});
  return fields;
}

faces::PageRequest page_of(const Values& query) {
  faces::PageRequest page;
  page.limit = static_cast<std::size_t>(query.integer("limit", static_cast<std::int64_t>(page.limit)));
  page.after = query.text("cursor");
  return page;
}

std::vector<Field> whom_fields() {
  return {{.name = "person", .kind = Field::Kind::kId, .about = "somebody who is there; either this or name"},
          {.name = "name", .about = "somebody who is there, or somebody new", .low = 1, .high = 256}};
}

Result<people::Whom> whom_of(const Values& values) {
  if (values.has("person") == values.has("name")) {
    return Error{ErrorCode::kInvalidArgument, "expected either \"person\", an id, or \"name\""};
  }
  if (const auto id = values.id<faces::PersonId>("person")) {
    return people::Whom(*id);
  }
  return people::Whom(values.text("name"));
}

Field largest_field() {
  return {.name = "largest", .kind = Field::Kind::kBoolean, .about = "of several faces in a picture the largest"};
}

std::vector<Field> add_fields() {
  return {{.name = "force", .kind = Field::Kind::kBoolean, .about = "faces that cannot be told, too"}, largest_field()};
}

people::AddOptions add_options(const Values& values) {
  return {.take_largest = values.boolean("largest").value_or(false), .force = values.boolean("force").value_or(false)};
}

Answer added_answer(const people::Added& added) {
  if (!added.person) {
    const std::string why = added.pictures.empty() ? "no picture" : added.pictures.front().message;
    return Error{ErrorCode::kInvalidArgument, "no picture was taken: " + why};
  }
  return http::make_response(201, "application/json", to_json(added));
}

http::Response erased_answer(std::int64_t records) {
  JsonWriter json;
  json.begin_object().key("records").integer(records).end_object();
  return json_answer(std::move(json));
}

Status log_erasure(faces::FaceStore& store, const ErasedThing& what, std::string_view who, std::int64_t records) {
  const std::string kind(what.kind);
  const Clock::TimePoint now = system_clock().now();
  JsonWriter json;
  // As people's changes are noted: one that cannot be taken back.
  json.begin_object().key("version").integer(1).key("final").boolean(true).key("records").integer(records);
  json.key("forward").raw("{}").key("back").raw("{}").end_object();
  faces::Batch batch;
  batch.change = faces::NewChange{now, std::string(who), kind + ".erase", std::move(json).text()};
  JsonWriter event;
  event.begin_object().key(kind).string(what.id).key("by").string(who).end_object();
  batch.events.push_back({faces::random_event_key(), kind + ".erased", now, std::move(event).text()});
  FACEPIPE_TRY(store.write(batch));
  return {};
}

Operation changing(Operation operation, std::function<Result<people::Changed>(const ApiRequest&)> work) {
  operation.whom = FrontDoor::For::kManage;
  operation.answer = "Changed";
  operation.run = [work = std::move(work)](const ApiRequest& request) -> Answer {
    FACEPIPE_ASSIGN(const people::Changed changed, work(request));
    return http::make_response(200, "application/json", to_json(changed));
  };
  return operation;
}

Operation assigning(Operation operation, std::function<Result<people::Assigned>(const ApiRequest&)> work) {
  operation.whom = FrontDoor::For::kManage;
  operation.answer = "Assigned";
  operation.run = [work = std::move(work)](const ApiRequest& request) -> Answer {
    FACEPIPE_ASSIGN(const people::Assigned assigned, work(request));
    return http::make_response(200, "application/json", to_json(assigned));
  };
  return operation;
}

}  // namespace facepipe::serve
