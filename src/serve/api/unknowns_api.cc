// /api/unknowns: groups of unknown faces that are alike. Tested by api_test.cc and tests/e2e/test_api.py.
#include "faces/ids.h"
#include "serve/api/answers.h"
#include "serve/api/api.h"
#include "serve/api/common_fields.h"

namespace facepipe::serve {
namespace {

using faces::UnknownId;

Operations unknown_questions(const ApiParts& parts) {
  return {{.id = "listUnknowns",
           .method = "GET",
           .path = "/api/unknowns",
           .tag = "unknowns",
           .summary = "Strangers, the last seen first",
           .query =
               paged({{.name = "ignored", .kind = Field::Kind::kBoolean, .about = "true: those who are ignored, too"}}),
           .answer = "UnknownPage",
           .errors = {404, 422},
           .run = of_store(parts.store,
                           [](FaceStore& store, const ApiRequest& request) -> Answer {
                             FACEPIPE_ASSIGN(const auto page,
                                             store.unknowns(request.query.boolean("ignored").value_or(false),
                                                            page_of(request.query)));
                             return page_answer(page);
                           })},
          {.id = "getUnknown",
           .method = "GET",
           .path = "/api/unknowns/{unknown}",
           .tag = "unknowns",
           .summary = "A stranger",
           .path_fields = {id_field("unknown")},
           .answer = "Unknown",
           .run = of_store(parts.store, [](FaceStore& store, const ApiRequest& request) -> Answer {
             FACEPIPE_ASSIGN(const auto unknown, store.unknown(path_id<UnknownId>(request, "unknown")));
             return record_answer(unknown);
           })}};
}

Operations unknown_changes(const ApiParts& parts) {
  people::PeopleDesk& desk = parts.desk;
  const std::vector<Field> unknown{id_field("unknown")};
  return {assigning({.id = "assignUnknown",
                     .method = "POST",
                     .path = "/api/unknowns/{unknown}/assign",
                     .tag = "unknowns",
                     .summary = "Say who it is, or give a new name; enrols nothing",
                     .path_fields = unknown,
                     .json = whom_fields()},
                    [&desk](const ApiRequest& request) -> Result<people::Assigned> {
                      FACEPIPE_ASSIGN(const people::Whom whom, whom_of(request.body));
                      return desk.assign_unknown(path_id<UnknownId>(request, "unknown"), whom, request.who_text());
                    }),
          changing({.id = "ignoreUnknown",
                    .method = "POST",
                    .path = "/api/unknowns/{unknown}/ignore",
                    .tag = "unknowns",
                    .summary = "Ignore it for good, or no longer",
                    .path_fields = unknown,
                    .json = {{{.name = "ignored", .kind = Field::Kind::kBoolean}}},
                    .json_optional = true},
                   [&desk](const ApiRequest& request) {
                     return desk.ignore_unknown(path_id<UnknownId>(request, "unknown"),
                                                request.body.boolean("ignored").value_or(true), request.who_text());
                   }),
          {.id = "eraseUnknown",
           .method = "DELETE",
           .path = "/api/unknowns/{unknown}",
           .whom = FrontDoor::For::kManage,
           .tag = "unknowns",
           .summary = "Erase everything that it left; final",
           .path_fields = unknown,
           .answer = "Erased",
           .run = of_store(parts.store, [forget = parts.forget](FaceStore& store, const ApiRequest& request) -> Answer {
             const auto id = path_id<UnknownId>(request, "unknown");
             FACEPIPE_TRY(store.unknown(id));
             if (forget.unknown) {
               forget.unknown(id);
             }
             FACEPIPE_ASSIGN(const std::int64_t records, store.erase(id));
             if (forget.at_hand) {
               forget.at_hand();
             }
             FACEPIPE_TRY(log_erasure(store, {"unknown", faces::to_text(id)}, request.who_text(), records));
             return erased_answer(records);
           })}};
}

}  // namespace

Operations unknown_operations(const ApiParts& parts) {
  Operations operations = unknown_questions(parts);
  const Operations changes = unknown_changes(parts);
  operations.insert(operations.end(), changes.begin(), changes.end());
  return operations;
}

}  // namespace facepipe::serve
