// /api/events: server-sent events. Tested by api_test.cc and tests/e2e/test_events.py.

#include "base/text.h"
#include "serve/api/answers.h"
#include "serve/api/api.h"

namespace facepipe::serve {
namespace {

std::set<std::string> types_of(std::string_view list) {
  std::set<std::string> types;
  while (!list.empty()) {
    const std::string_view type = list.substr(0, list.find(','));
    list.remove_prefix(std::min(list.size(), type.size() + 1));
    if (const std::string_view word = trimmed(type); !word.empty()) {
      types.emplace(word);
    }
  }
  return types;
}

// Last-Event-ID, as a browser that comes back sends it, counts before the query's: that is of its first coming.
Result<std::optional<faces::EventId>> last_seen(const ApiRequest& request) {
  const std::string_view header = http::header(request.request.headers, "last-event-id");
  if (header.empty()) {
    return request.query.has("last_event_id") ? std::optional(faces::EventId{request.query.integer("last_event_id", 0)})
                                              : std::nullopt;
  }
  const auto id = parse_number<std::int64_t>(header);
  if (!id || *id < 0) {
    return Error{ErrorCode::kInvalidData, "expected a number in the header Last-Event-ID"};
  }
  return std::optional(faces::EventId{*id});
}

}  // namespace

Operations event_operations(const ApiParts& parts) {
  Operation operation;
  operation.id = "streamEvents";
  operation.method = "GET";
  operation.path = "/api/events";
  operation.tag = "events";
  operation.summary = "What happens, as server-sent events; Last-Event-ID goes on behind that one";
  operation.query = {{.name = "last_event_id", .kind = Field::Kind::kInteger, .low = 0, .high = std::int64_t{1} << 53U},
                     {.name = "types", .about = "separated by commas: visit, person.added", .low = 1, .high = 1024}};
  operation.media_type = "text/event-stream";
  operation.errors = {404};
  operation.run = [feed = parts.events](const ApiRequest& request, http::Responder responder) {
    if (feed == nullptr) {
      responder(error_answer(nothing_is_kept()));
      return;
    }
    const auto after = last_seen(request);
    if (!after) {
      responder(error_answer(400, after.error().message));
      return;
    }
    feed->subscribe({*after, types_of(request.query.text("types"))}, std::move(responder));
  };
  return {std::move(operation)};
}

}  // namespace facepipe::serve
