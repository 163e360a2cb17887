// Tested by api_test.cc and tests/e2e/test_api.py.
#include "serve/api/api.h"

#include <algorithm>
#include <memory>

#include "base/work_limit.h"
#include "serve/api/answers.h"
#include "serve/api/body.h"
#include "serve/api/openapi.h"

namespace facepipe::serve {
namespace {

constexpr std::string_view kApiBusy = "more is asked than can be answered at the moment: try again in a second";

// Of an error of reading the request.
http::Response unread(const Error& error) {
  switch (error.code) {
    case ErrorCode::kUnsupported:
      return error_answer(415, error.message);
    case ErrorCode::kTooLarge:
      return error_answer(413, error.message);
    case ErrorCode::kInvalidArgument:
      return error_answer(422, error.message);
    default:
      return error_answer(400, error.message);
  }
}

// Whether the client takes what the operation answers (RFC 9110, section 12.5.1; weights count for nothing, since there
// is one kind of answer).
bool takes(const http::Request& request, std::string_view media_type) {
  std::string_view accept = http::header(request.headers, "accept");
  if (accept.empty()) {
    return true;
  }
  const std::string group = std::string(media_type.substr(0, media_type.find('/'))) + "/*";
  while (!accept.empty()) {
    std::string_view range = accept.substr(0, accept.find(','));
    accept.remove_prefix(std::min(accept.size(), range.size() + 1));
    range = range.substr(0, range.find(';'));
    const std::size_t first = range.find_first_not_of(" \t");
    const std::size_t last = range.find_last_not_of(" \t");
    range = first == std::string_view::npos ? std::string_view() : range.substr(first, last - first + 1);
    if (range == "*/*" || range == group || range == media_type) {
      return true;
    }
  }
  return false;
}

}  // namespace

Api::Api(ApiParts parts, std::string version) : parts_(std::move(parts)), version_(std::move(version)) {
  const auto take = [this](Operations more) {
    operations_.insert(operations_.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
  };
  for (const auto& make :
       {session_operations, people_operations, picture_operations, face_operations, visit_operations,
        unknown_operations, frame_operations, camera_operations, look_operations, settings_operations,
        change_operations, output_operations, system_operations, event_operations}) {
    take(make(parts_));
  }
  take({{.id = "describe",
         .method = "GET",
         .path = "/api/openapi.json",
         .tag = "system",
         .summary = "This description",
         .answer = "Description",
         .run = [this](const ApiRequest&) -> Answer {
           return http::make_response(200, "application/json", openapi(operations_, version_));
         }}});
}

void Api::add_routes(http::Router& router) {
  for (const Operation& operation : operations_) {
    router.add({.method = operation.method,
                .path = operation.path,
                .rules = parts_.door.rules(operation.whom),
                .handler =
                    [this, &operation](http::Request request, http::Responder responder) {
                      handle(operation, std::move(request), std::move(responder));
                    },
                .rate = operation.rate,
                .max_body_bytes = operation.max_body_bytes});
  }
}

void Api::handle(const Operation& operation, http::Request request, http::Responder responder) {
  if (!takes(request, operation.media_type == kAnyPicture ? "image/jpeg" : operation.media_type)) {
    responder(error_answer(406, "expected an Accept header that takes " + operation.media_type));
    return;
  }
  // std::function wants copyable captures; the pair is moved in and out through one pointer.
  struct Pending {
    ApiRequest request;
    http::Responder responder;
  };
  const std::string peer = request.peer;
  ApiRequest read;
  read.who = parts_.door.visitor(request);
  read.request = std::move(request);
  const auto pending = std::make_shared<Pending>(Pending{std::move(read), std::move(responder)});
  Job job;
  job.run = [this, &operation, pending] {
    ApiRequest& read_request = pending->request;
    const Status understood = understand(operation, read_request);
    if (!understood) {
      pending->responder(unread(understood.error()));
    } else if (const auto* const work = std::get_if<Operation::Work>(&operation.run)) {
      pending->responder(answer_of(*work, read_request));
    } else {
      std::get<Operation::Start>(operation.run)(read_request, std::move(pending->responder));
    }
  };
  job.refuse = [pending] { pending->responder(error_answer(429, kApiBusy)); };
  if (!parts_.pool.try_submit(peer, job)) {
    pending->responder(error_answer(429, kApiBusy));
  }
}

Status Api::understand(const Operation& operation, ApiRequest& request) {
  const std::string& target = request.request.target;
  FACEPIPE_ASSIGN(request.path, read_path(operation.path_fields, http::path_parameters(operation.path, target)));
  FACEPIPE_ASSIGN(request.query, read_query(operation.query, target));
  return operation.reads_body ? Status() : read_body(operation, request);
}

http::Response Api::answer_of(const Operation::Work& work, const ApiRequest& request) const {
  auto answer = guarded([&] { return work(request); });
  if (answer) {
    return *std::move(answer);
  }
  const Error& error = answer.error();
  if (error.code == ErrorCode::kInternal || error.code == ErrorCode::kPermission) {
    parts_.logger.error("api_failed", {{"error", std::string_view(error.message)}});
  }
  return error_answer(error);
}

}  // namespace facepipe::serve
