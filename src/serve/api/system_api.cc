// /api/system. Tested by api_test.cc, system_api_test.cc and tests/e2e/test_api.py.
#include "base/text.h"
#include "base/time_text.h"
#include "serve/api/answers.h"
#include "serve/api/api.h"
#include "serve/api/common_fields.h"
#include "wire/messages.h"

namespace facepipe::serve {
namespace {

constexpr std::int64_t kMaxRedrive = 100'000;   // at once
constexpr std::int64_t kMaxLetters = 100;       // of a page
constexpr std::string_view kPlace = "letter:";  // begins a cursor

// Of a cursor: letters before it.
Result<std::int64_t> place_of(std::string_view cursor) {
  if (cursor.empty()) {
    return std::int64_t{0};
  }
  const auto place =
      cursor.starts_with(kPlace) ? parse_number<std::int64_t>(cursor.substr(kPlace.size())) : std::nullopt;
  return place && *place > 0 ? Result(*place) : Error{ErrorCode::kInvalidArgument, "this cursor is not of this list"};
}

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

void write_rate(JsonWriter& json, std::string_view name, const metrics::Recent* recent) {
  const auto summary = recent == nullptr ? metrics::Recent::Summary() : recent->summary();
  const auto number = [&json](std::string_view key, std::optional<double> value) {
    json.key(key);
    value ? json.number(*value) : json.null();
  };
  json.key(name).begin_object().key("window_seconds").integer(metrics::Recent::kWindow.count());
  json.key("count").integer(summary.count).key("per_second").number(summary.per_second);
  number("p50_seconds", summary.median);
  number("p99_seconds", summary.p99);
  json.end_object();
}

// What is told of a message is not what it holds: no picture, and of the frame its id and camera alone.
void write_letter(JsonWriter& json, const queue::StoredMessage& letter) {
  std::string request_id;
  const auto message = wire::parse_face_message(letter.body, &request_id);
  const auto attribute = [&](std::string_view name) -> std::string {
    const auto found = letter.attributes.find(std::string(name));
    return found == letter.attributes.end() ? "" : found->second.value;
  };
  const std::string reason = attribute(queue::kReasonAttribute);
  const auto tries = parse_number<std::int64_t>(attribute(queue::kReceiveCountAttribute));
  json.begin_object().key("id").string(letter.message_id).key("sent").string(format_utc(letter.sent_at));
  json.key("received").integer(std::max<std::int64_t>(tries.value_or(letter.receive_count), 0));
  json.key("reason").string(!letter.unreadable.empty() ? letter.unreadable : reason.empty() ? letter.failure : reason);
  json.key("request_id").string(request_id).key("camera").string(message ? message->camera : "");
  json.key("queue").string(letter.dead_letter_source).end_object();
}

// A few at a time: their bodies are pictures.
Answer letters_answer(const SystemView& system, const Values& query) {
  constexpr std::int64_t kAtOnce = 10;
  FACEPIPE_ASSIGN(const std::int64_t first, place_of(query.text("cursor")));
  const std::int64_t limit = query.integer("limit", 50);
  JsonWriter json;
  json.begin_object().key("items").begin_array();
  std::int64_t written = 0;
  bool more = true;
  while (more && written < limit) {
    const std::int64_t wanted = std::min(kAtOnce, limit - written);
    FACEPIPE_ASSIGN(const auto letters, system.queues->peek(system.dead_letters, first + written, wanted));
    for (const queue::StoredMessage& letter : letters) {
      write_letter(json, letter);
    }
    written += static_cast<std::int64_t>(letters.size());
    more = std::cmp_equal(letters.size(), wanted);
  }
  json.end_array().key("next");
  more ? json.string(std::string(kPlace) + std::to_string(first + written)) : json.null();
  json.end_object();
  return json_answer(std::move(json));
}

Answer system_answer(const ApiParts& parts) {
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
  write_rate(json, "frames", system.frames);
  write_rate(json, "answers", system.answers);
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

}  // namespace

Operations system_operations(const ApiParts& parts) {
  Operations operations;
  operations.push_back({.id = "getSystem",
                        .method = "GET",
                        .path = "/api/system",
                        .tag = "system",
                        .summary = "How the server is",
                        .answer = "System",
                        .run = [parts](const ApiRequest&) { return system_answer(parts); }});
  operations.push_back(
      {.id = "listDeadLetters",
       .method = "GET",
       .path = "/api/system/dead-letters",
       .tag = "system",
       .summary = "Face messages that failed for good, the oldest first; looking at them changes nothing",
       .query = {{.name = "cursor", .about = "`next` of the page before", .low = 1, .high = 512},
                 {.name = "limit", .kind = Field::Kind::kInteger, .low = 1, .high = kMaxLetters}},
       .answer = "DeadLetterPage",
       .errors = {422},
       .run = [&system = parts.system](const ApiRequest& request) { return letters_answer(system, request.query); }});
  operations.push_back({.id = "redrive",
                        .method = "POST",
                        .path = "/api/system/redrive",
                        .whom = FrontDoor::For::kManage,
                        .tag = "system",
                        .summary = "Try again the face messages that failed for good",
                        .answer = "Redriven",
                        .run = [&system = parts.system](const ApiRequest&) -> Answer {
                          FACEPIPE_ASSIGN(const std::int64_t messages,
                                          system.queues->redrive(system.dead_letters, "", kMaxRedrive));
                          JsonWriter json;
                          json.begin_object().key("messages").integer(messages).end_object();
                          return json_answer(std::move(json));
                        }});
  return operations;
}

}  // namespace facepipe::serve
