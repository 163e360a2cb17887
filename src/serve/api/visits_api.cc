// /api/visits. Tested by api_test.cc and tests/e2e/test_api.py.
#include "serve/api/answers.h"
#include "serve/api/api.h"
#include "serve/api/common_fields.h"

namespace facepipe::serve {
namespace {

const std::vector<std::string>& state_choices() {
  static const std::vector<std::string> kChoices{"started", "named", "ended"};
  return kChoices;
}

faces::VisitFilter visit_filter(const Values& query) {
  faces::VisitFilter filter;
  filter.camera = query.optional_text("camera");
  filter.person = query.id<faces::PersonId>("person");
  filter.unknown = query.id<faces::UnknownId>("unknown");
  filter.known = query.boolean("known");
  filter.open = query.boolean("open");
  filter.from = query.time("from");
  filter.to = query.time("to");
  const auto& choices = state_choices();
  const auto state = std::find(choices.begin(), choices.end(), query.text("state"));
  if (state != choices.end()) {
    filter.state = static_cast<faces::VisitState>(state - choices.begin());
  }
  return filter;
}

std::vector<Field> visit_filter_fields() {
  using Kind = Field::Kind;
  return {{.name = "camera", .low = 0, .high = 256},
          {.name = "person", .kind = Kind::kId},
          {.name = "unknown", .kind = Kind::kId},
          {.name = "known", .kind = Kind::kBoolean},
          {.name = "state", .kind = Kind::kChoice, .choices = state_choices()},
          {.name = "open", .kind = Kind::kBoolean, .about = "not ended"},
          {.name = "from", .kind = Kind::kTime, .about = "last seen at or after"},
          {.name = "to", .kind = Kind::kTime, .about = "first seen before"}};
}

}  // namespace

Operations visit_operations(const ApiParts& parts) {
  const NameOf name_of = parts.name_of;
  faces::FaceStore* const store = parts.store;
  people::PeopleDesk& desk = parts.desk;
  return {{.id = "listVisits",
           .method = "GET",
           .path = "/api/visits",
           .tag = "visits",
           .summary = "Visits, the last seen first",
           .query = paged(visit_filter_fields()),
           .answer = "VisitPage",
           .errors = {404, 422},
           .run = [store, name_of](const ApiRequest& request) -> Result<http::Response> {
             if (store == nullptr) {
               return nothing_is_kept();
             }
             FACEPIPE_ASSIGN(const auto page, store->visits(visit_filter(request.query), page_of(request.query)));
             JsonWriter json;
             json.begin_object();
             write_page(json, page,
                        [&name_of](JsonWriter& to, const faces::VisitRecord& visit) { write(to, visit, name_of); });
             json.end_object();
             return json_answer(std::move(json));
           }},
          {.id = "getVisit",
           .method = "GET",
           .path = "/api/visits/{visit}",
           .tag = "visits",
           .summary = "A visit",
           .path_fields = {id_field("visit")},
           .answer = "Visit",
           .run = [store, name_of](const ApiRequest& request) -> Result<http::Response> {
             if (store == nullptr) {
               return nothing_is_kept();
             }
             FACEPIPE_ASSIGN(const auto visit, store->visit(path_id<faces::VisitId>(request, "visit")));
             JsonWriter json;
             write(json, visit, name_of);
             return json_answer(std::move(json));
           }},
          assigning({.id = "assignVisit",
                     .method = "POST",
                     .path = "/api/visits/{visit}/assign",
                     .tag = "visits",
                     .summary = "Say who it was; holds whatever its faces say",
                     .path_fields = {id_field("visit")},
                     .json = whom_fields()},
                    [&desk](const ApiRequest& request) -> Result<people::Assigned> {
                      FACEPIPE_ASSIGN(const people::Whom whom, whom_of(request.body));
                      return desk.assign_visit(path_id<faces::VisitId>(request, "visit"), whom, request.who_text());
                    })};
}

}  // namespace facepipe::serve
