// /api/changes, /api/undo and /api/settings. Tested by api_test.cc and tests/e2e/test_api.py.
#include <limits>

#include "serve/api/answers.h"
#include "serve/api/api.h"
#include "serve/api/common_fields.h"

namespace facepipe::serve {
namespace {

Result<http::Response> settings_answer(const ApiParts& parts) {
  JsonWriter json;
  const auto settings = parts.desk.settings();
  const auto number = [&json](std::string_view name, std::optional<double> value) {
    json.key(name);
    if (value) {
      json.number(*value);
    } else {
      json.null();
    }
  };
  json.begin_object();
  number("strangers", settings ? settings->strangers : std::nullopt);
  number("threshold", settings && settings->threshold ? std::optional<double>(*settings->threshold) : std::nullopt);
  json.key("mode").string(settings ? settings->mode : "").key("model_id").string(settings ? settings->model_id : "");
  json.key("fixed").begin_object();
  for (const auto& [option, value] : parts.system.fixed) {
    json.key(option).string(value);
  }
  json.end_object().end_object();
  return json_answer(std::move(json));
}

Operations settings_operations(const ApiParts& parts) {
  return {{.id = "getSettings",
           .method = "GET",
           .path = "/api/settings",
           .tag = "settings",
           .summary = "What decides who gets a name, and what was set at the start",
           .answer = "Settings",
           .run = [parts](const ApiRequest&) { return settings_answer(parts); }},
          {.id = "putSettings",
           .method = "PUT",
           .path = "/api/settings",
           .whom = FrontDoor::For::kManage,
           .tag = "settings",
           .summary = "Change what can be changed while the server runs",
           .json = {{{.name = "strangers",
                      .kind = Field::Kind::kShare,
                      .about = "share of strangers who may get a name",
                      .required = true}}},
           .answer = "Settings",
           .errors = {404},
           .run = [parts](const ApiRequest& request) -> Result<http::Response> {
             FACEPIPE_TRY(parts.desk.set_strangers(*request.body.number("strangers"), request.who_text()));
             return settings_answer(parts);
           }}};
}

}  // namespace

Operations change_operations(const ApiParts& parts) {
  people::PeopleDesk& desk = parts.desk;
  Operations operations = settings_operations(parts);
  operations.push_back({.id = "listChanges",
                        .method = "GET",
                        .path = "/api/changes",
                        .tag = "changes",
                        .summary = "Who changed what, the newest first",
                        .query = paged({}),
                        .answer = "ChangePage",
                        .errors = {404, 422},
                        .run = [&desk](const ApiRequest& request) -> Result<http::Response> {
                          FACEPIPE_ASSIGN(const auto page, desk.changes(page_of(request.query)));
                          JsonWriter json;
                          json.begin_object();
                          write_page(json, page,
                                     [](JsonWriter& to, const people::ChangeSummary& change) { write(to, change); });
                          json.end_object();
                          return json_answer(std::move(json));
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
