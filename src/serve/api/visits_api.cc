// /api/visits. Tested by api_test.cc and tests/e2e/test_api.py.
#include "serve/api/answers.h"
#include "serve/api/api.h"
#include "serve/api/common_fields.h"
#include "serve/api/filters.h"

namespace facepipe::serve {
Operations visit_operations(const ApiParts& parts) {
  const NameOf name_of = parts.name_of;
  people::PeopleDesk& desk = parts.desk;
  return {{.id = "listVisits",
           .method = "GET",
           .path = "/api/visits",
           .tag = "visits",
           .summary = "Visits, the last seen first",
           .query = paged(visit_filter_fields()),
           .answer = "VisitPage",
           .errors = {404, 422},
           .run = of_store(parts.store,
                           [name_of](FaceStore& store, const ApiRequest& request) -> Answer {
                             FACEPIPE_ASSIGN(const auto page,
                                             store.visits(visit_filter(request.query), page_of(request.query)));
                             return page_answer(page, name_of);
                           })},
          {.id = "getVisit",
           .method = "GET",
           .path = "/api/visits/{visit}",
           .tag = "visits",
           .summary = "A visit",
           .path_fields = {id_field("visit")},
           .answer = "Visit",
           .run = of_store(parts.store,
                           [name_of](FaceStore& store, const ApiRequest& request) -> Answer {
                             FACEPIPE_ASSIGN(const auto visit, store.visit(path_id<faces::VisitId>(request, "visit")));
                             return record_answer(visit, name_of);
                           })},
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
