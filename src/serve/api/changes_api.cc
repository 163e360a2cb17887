// /api/changes and /api/undo. Tested by api_test.cc and tests/e2e/test_api.py.
#include <limits>

#include "serve/api/answers.h"
#include "serve/api/api.h"
#include "serve/api/common_fields.h"

namespace facepipe::serve {
Operations change_operations(const ApiParts& parts) {
  people::PeopleDesk& desk = parts.desk;
  Operations operations;
  operations.push_back({.id = "listChanges",
                        .method = "GET",
                        .path = "/api/changes",
                        .tag = "changes",
                        .summary = "Who changed what, the newest first",
                        .query = paged({}),
                        .answer = "ChangePage",
                        .errors = {404, 422},
                        .run = [&desk](const ApiRequest& request) -> Answer {
                          FACEPIPE_ASSIGN(const auto page, desk.changes(page_of(request.query)));
                          return page_answer(page);
                        }});
  operations.push_back(changing({.id = "undo",
                                 .method = "POST",
                                 .path = "/api/undo",
                                 .tag = "changes",
                                 .summary = "Take a change back, which is a change itself",
                                 .json = {{{.name = "change",
                                            .kind = Field::Kind::kInteger,
                                            .required = true,
                                            .low = 1,
                                            .high = std::numeric_limits<std::int32_t>::max()}}},
                                 .errors = {404}},
                                [&desk](const ApiRequest& request) {
                                  return desk.undo(faces::ChangeId{request.body.integer("change", 0)},
                                                   request.who_text());
                                }));
  return operations;
}

}  // namespace facepipe::serve
