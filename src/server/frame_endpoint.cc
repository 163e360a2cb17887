// Tested by frame_endpoint_test.cc and the end-to-end tests.
#include "server/frame_endpoint.h"

#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "base/json_writer.h"

namespace facepipe::server {
namespace {

http::Response json_response(int status, std::string body) {
  return http::make_response(status, "application/json", std::move(body));
}

http::Response error_response(int status, std::string_view message) {
  JsonWriter json;
  json.begin_object().key("error").string(message).end_object();
  return json_response(status, std::move(json).text());
}

pipeline::FrameRequest to_frame_request(http::Request&& request) {
  pipeline::FrameRequest frame;
  frame.content_type = std::string(http::header(request.headers, "content-type"));
  frame.trace_header = std::string(http::header(request.headers, "x-amzn-trace-id"));
  for (auto& [name, value] : http::query_pairs(request.target)) {
    if (name == "request_id") {
      frame.request_id = std::move(value);
    } else if (name == "filename") {
      frame.filename = std::move(value);
    } else if (name == "camera") {
      frame.group_id = std::move(value);
    }
  }
  frame.body = std::move(request.body);
  return frame;
}

void count(Metrics& metrics, int status) {
  if (status >= 500) {
    ++metrics.frames_failed;
  } else if (status >= 400) {
    ++metrics.frames_refused;
  } else {
    ++metrics.frames_accepted;
  }
}

}  // namespace

FrameEndpoint::FrameEndpoint(const pipeline::FrameHandler& frames, WorkerPool& pool, Metrics& metrics,
                             std::function<bool()> ready)
    : frames_(frames), pool_(pool), metrics_(metrics), ready_(std::move(ready)) {}

void FrameEndpoint::handle(http::Request request, http::Responder responder) {
  const std::string_view path = http::target_path(request.target);
  const bool reading = request.method == "GET" || request.method == "HEAD";
  if (path == "/" && request.method == "POST") {
    handle_frame(std::move(request), std::move(responder));
  } else if (path == "/healthz" && reading) {
    responder(json_response(200, R"({"status":"ok"})"));
  } else if (path == "/readyz" && reading) {
    responder(ready_() ? json_response(200, R"({"status":"ready"})") : error_response(503, "not ready"));
  } else if (path == "/metrics" && reading) {
    responder(http::make_response(200, "text/plain; version=0.0.4", to_prometheus(metrics_)));
  } else if (path == "/" || path == "/healthz" || path == "/readyz" || path == "/metrics") {
    http::Response response =
        error_response(405, "expected " + std::string(path == "/" ? "POST" : "GET") + ", got " + request.method);
    response.headers.emplace_back("allow", path == "/" ? "POST" : "GET, HEAD");
    responder(std::move(response));
  } else {
    responder(error_response(404, "no such path: POST frames to /"));
  }
}

void FrameEndpoint::handle_frame(http::Request request, http::Responder responder) {
  // std::function wants copyable captures; the pair is moved in and out through one pointer.
  struct Job {
    pipeline::FrameRequest frame;
    http::Responder responder;
  };
  const auto job = std::make_shared<Job>(Job{to_frame_request(std::move(request)), std::move(responder)});
  std::function<void()> work = [this, job] {
    pipeline::FrameAnswer answer = frames_.handle(job->frame);
    count(metrics_, answer.status);
    job->responder(json_response(answer.status, std::move(answer.body)));
  };
  if (!pool_.try_submit(work)) {
    ++metrics_.frames_deferred;
    http::Response response = error_response(429, "every worker is busy: try again in a second");
    response.headers.emplace_back("retry-after", "1");
    job->responder(std::move(response));
  }
}

}  // namespace facepipe::server
