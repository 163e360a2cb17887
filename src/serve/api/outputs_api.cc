// /api/outputs. Tested by api_test.cc, system_api_test.cc and tests/e2e/test_webhooks.py.
#include <algorithm>

#include "serve/api/answers.h"
#include "serve/api/api.h"
#include "serve/api/common_fields.h"

namespace facepipe::serve {
namespace {

std::vector<Field> output_field() {
  return {{.name = "output", .about = "its name, as the list has it", .required = true, .low = 1, .high = 256}};
}

Answer outputs_answer(faces::FaceStore& store, const SystemView& system, const Values& query) {
  FACEPIPE_ASSIGN(const auto page, store.dead_deliveries(page_of(query)));
  JsonWriter json;
  json.begin_object().key("outputs").begin_array();
  for (const std::string& output : system.outputs) {
    json.string(output);
  }
  json.end_array().key("dead").begin_array();
  for (const faces::Delivery& delivery : page.records) {
    write(json, delivery);
  }
  json.end_array().key("next");
  page.next ? json.string(*page.next) : json.null();
  json.end_object();
  return json_answer(std::move(json));
}

Answer test_answer(const OutputTest& test) {
  JsonWriter json;
  json.begin_object().key("id").string(test.key).key("delivered").boolean(test.delivered).key("status");
  test.status ? json.integer(*test.status) : json.null();
  json.key("error");
  test.error.empty() ? json.null() : json.string(test.error);
  json.key("seconds").number(std::chrono::duration<double>(test.took).count()).end_object();
  return json_answer(std::move(json));
}

}  // namespace

Operations output_operations(const ApiParts& parts) {
  return {{.id = "listOutputs",
           .method = "GET",
           .path = "/api/outputs",
           .tag = "outputs",
           .summary = "Where events go, and deliveries that were given up",
           .query = paged({}),
           .answer = "Outputs",
           .errors = {404, 422},
           .run = of_store(parts.store,
                           [&system = parts.system](FaceStore& store, const ApiRequest& request) {
                             return outputs_answer(store, system, request.query);
                           })},
          {.id = "retryOutput",
           .method = "POST",
           .path = "/api/outputs/retry",
           .whom = FrontDoor::For::kManage,
           .tag = "outputs",
           .summary = "Send again what was given up",
           .json = output_field(),
           .answer = "Retried",
           .errors = {404},
           .run = of_store(parts.store,
                           [&system = parts.system](FaceStore& store, const ApiRequest& request) -> Answer {
                             const std::string& output = request.body.text("output");
                             if (std::ranges::find(system.outputs, output) == system.outputs.end()) {
                               return Error{ErrorCode::kNotFound, "no such output: " + output};
                             }
                             FACEPIPE_ASSIGN(const std::int64_t deliveries, store.retry_dead(output));
                             JsonWriter json;
                             json.begin_object().key("deliveries").integer(deliveries).end_object();
                             return json_answer(std::move(json));
                           })},
          {.id = "testOutput",
           .method = "POST",
           .path = "/api/outputs/test",
           .whom = FrontDoor::For::kManage,
           .tag = "outputs",
           .summary = "Send a test event now, and tell what the receiver said",
           .json = output_field(),
           .answer = "OutputTest",
           .errors = {404},
           .run = [&system = parts.system](const ApiRequest& request) -> Answer {
             FACEPIPE_ASSIGN(const std::optional<OutputTest> test,
                             system.test_output(request.body.text("output"), request.who_text()));
             return test ? test_answer(*test) : error_answer(429, "this output was tested just now: wait two seconds");
           }}};
}

}  // namespace facepipe::serve
