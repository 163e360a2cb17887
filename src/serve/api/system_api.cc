// /api/system and /api/outputs. Tested by api_test.cc and tests/e2e/test_api.py.
#include "base/time_text.h"
#include "serve/api/answers.h"
#include "serve/api/api.h"
#include "serve/api/common_fields.h"

namespace facepipe::serve {
namespace {

constexpr std::int64_t kMaxRedrive = 100'000;  // at once

void write_queue(JsonWriter& json, const std::string& name, const queue::QueueStatistics& queue, Clock::TimePoint now) {
  json.begin_object().key("name").string(name).key("visible").integer(queue.visible);
  json.key("in_flight").integer(queue.in_flight).key("delayed").integer(queue.delayed).key("oldest_seconds");
  if (queue.oldest_sent_at) {
    json.number(std::chrono::duration<double>(now - *queue.oldest_sent_at).count());
  } else {
    json.null();
  }
  json.end_object();
}

void write_counts(JsonWriter& json, const faces::StoreCounts& counts) {
  json.begin_object().key("faces").integer(counts.faces).key("crops").integer(counts.crops);
  json.key("visits").integer(counts.visits).key("unknowns").integer(counts.unknowns);
  json.key("pictures").integer(counts.pictures).key("frames").integer(counts.frames);
  json.key("events").integer(counts.events).key("bytes").integer(counts.bytes).end_object();
}

Result<http::Response> system_answer(const ApiParts& parts) {
  const SystemView& system = parts.system;
  const Clock::TimePoint now = system_clock().now();
  JsonWriter json;
  json.begin_object().key("version").string(system.version).key("started").string(format_utc(system.started));
  json.key("uptime_seconds").number(std::chrono::duration<double>(now - system.started).count());
  json.key("ready").boolean(system.ready()).key("people");
  if (const auto people = system.people()) {
    json.integer(*people);
  } else {
    json.null();
  }
  json.key("subscribers").integer(parts.events == nullptr ? 0 : static_cast<std::int64_t>(parts.events->subscribers()));
  json.key("queues").begin_array();
  std::int64_t dead = 0;
  for (const std::string& name : system.queue_names) {
    FACEPIPE_ASSIGN(const queue::QueueStatistics queue, system.queues->statistics(name));
    write_queue(json, name, queue, now);
    dead = name == system.dead_letters ? queue.visible + queue.in_flight + queue.delayed : dead;
  }
  json.end_array().key("dead_letters").integer(dead).key("kept");
  if (parts.store != nullptr) {
    FACEPIPE_ASSIGN(const faces::StoreCounts counts, parts.store->counts());
    write_counts(json, counts);
  } else {
    json.null();
  }
  json.key("checks").begin_array();
  for (const SystemCheck& check : system.checks()) {
    json.begin_object().key("name").string(check.name).key("ok").boolean(check.ok);
    json.key("message").string(check.message).end_object();
  }
  json.end_array().end_object();
  return json_answer(std::move(json));
}

Operations output_operations(const ApiParts& parts) {
  faces::FaceStore* const store = parts.store;
  const std::vector<std::string> outputs = parts.system.outputs;
  return {{.id = "listOutputs",
           .method = "GET",
           .path = "/api/outputs",
           .tag = "outputs",
           .summary = "Where events go, and deliveries that were given up",
           .query = paged({}),
           .answer = "Outputs",
           .errors = {404, 422},
           .run = [store, outputs](const ApiRequest& request) -> Result<http::Response> {
             if (store == nullptr) {
               return nothing_is_kept();
             }
             FACEPIPE_ASSIGN(const auto page, store->dead_deliveries(page_of(request.query)));
             JsonWriter json;
             json.begin_object().key("outputs").begin_array();
             for (const std::string& output : outputs) {
               json.string(output);
             }
             json.end_array().key("dead").begin_array();
             for (const faces::Delivery& delivery : page.records) {
               write(json, delivery);
             }
             json.end_array().key("next");
             if (page.next) {
               json.string(*page.next);
             } else {
               json.null();
             }
             json.end_object();
             return json_answer(std::move(json));
           }},
          {.id = "retryOutput",
           .method = "POST",
           .path = "/api/outputs/retry",
           .whom = FrontDoor::For::kManage,
           .tag = "outputs",
           .summary = "Send again what was given up",
           .json = {{{.name = "output", .required = true, .low = 1, .high = 256}}},
           .answer = "Retried",
           .errors = {404},
           .run = [store](const ApiRequest& request) -> Result<http::Response> {
             if (store == nullptr) {
               return nothing_is_kept();
             }
             FACEPIPE_ASSIGN(const std::int64_t deliveries, store->retry_dead(request.body.text("output")));
             JsonWriter json;
             json.begin_object().key("deliveries").integer(deliveries).end_object();
             return json_answer(std::move(json));
           }}};
}

}  // namespace

Operations system_operations(const ApiParts& parts) {
  Operations operations = output_operations(parts);
  operations.push_back({.id = "getSystem",
                        .method = "GET",
                        .path = "/api/system",
                        .tag = "system",
                        .summary = "How the server is",
                        .answer = "System",
                        .run = [parts](const ApiRequest&) { return system_answer(parts); }});
  operations.push_back({.id = "redrive",
                        .method = "POST",
                        .path = "/api/system/redrive",
                        .whom = FrontDoor::For::kManage,
                        .tag = "system",
                        .summary = "Try again the face messages that failed for good",
                        .answer = "Redriven",
                        .run = [&system = parts.system](const ApiRequest&) -> Result<http::Response> {
                          FACEPIPE_ASSIGN(const std::int64_t messages,
                                          system.queues->redrive(system.dead_letters, "", kMaxRedrive));
                          JsonWriter json;
                          json.begin_object().key("messages").integer(messages).end_object();
                          return json_answer(std::move(json));
                        }});
  return operations;
}

}  // namespace facepipe::serve
