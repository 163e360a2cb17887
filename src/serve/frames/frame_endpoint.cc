// Tested by the end-to-end tests.
#include "serve/frames/frame_endpoint.h"

#include <memory>

#include "base/clock.h"
#include "base/json_writer.h"
#include "metrics/prometheus.h"
#include "wire/queue_fields.h"

namespace facepipe::serve {
namespace {

constexpr std::string_view kBusy = "every worker is busy and the line is full (--max-waiting): try again in a second";

http::Response json_response(int status, std::string body) {
  return http::make_response(status, "application/json", std::move(body));
}

http::Response error_response(int status, std::string_view message) {
  return json_response(status, json_error_body(message));
}

frame_http::FrameRequest to_frame_request(http::Request&& request) {
  frame_http::FrameRequest frame;
  frame.content_type = std::string(http::header(request.headers, "content-type"));
  frame.trace_header = std::string(http::header(request.headers, "x-amzn-trace-id"));
  for (auto& [name, value] : http::query_pairs(request.target)) {
    if (name == "request_id") {
      frame.request_id = std::move(value);
    } else if (name == "filename") {
      frame.filename = std::move(value);
    } else if (name == "camera") {
      frame.camera = std::move(value);
    } else if (name == "time") {
      frame.time = std::move(value);
    }
  }
  frame.body = std::move(request.body);
  frame.arrived = system_clock().now();
  return frame;
}

http::Response response_to(frame_http::FrameAnswer answer) {
  http::Response response = json_response(answer.status, std::move(answer.body));
  if (answer.retry_after_s > 0) {
    response.headers.emplace_back("retry-after", std::to_string(answer.retry_after_s));
  }
  return response;
}

void count(Metrics& metrics, const frame_http::FrameAnswer& answer) {
  const int status = answer.status;
  metrics.faces_left_out += answer.faces_left_out;
  metrics.frames_incomplete += answer.incomplete ? 1 : 0;
  metrics.frames_timed_out += status == 504 ? 1 : 0;
  if (status >= 500) {
    ++metrics.frames_failed;
  } else if (status >= 400) {
    ++metrics.frames_refused;
  } else {
    ++metrics.frames_accepted;
  }
}

}  // namespace

FrameEndpoint::FrameEndpoint(const frame_http::FrameHandler& frames, FramePool& pool, RateLimiter* limiter,
                             Metrics& metrics, std::function<bool()> ready, std::stop_token stop)
    : frames_(frames),
      pool_(pool),
      limiter_(limiter),
      metrics_(metrics),
      ready_(std::move(ready)),
      limit_(std::move(stop)) {}

std::string FrameEndpoint::camera_of(const http::Request& request) {
  std::string group;
  for (const auto& [name, value] : http::query_pairs(request.target)) {
    if (name == "camera") {
      group = wire::camera_group(value);  // the last one counts, as for the frame
    }
  }
  return group.empty() ? request.peer : group;
}

frame_http::FrameAnswer FrameEndpoint::stopping() {
  ++metrics_.frames_failed;
  frame_http::FrameAnswer answer;
  answer.status = 503;
  answer.body = json_error_body("the service stops: send the frame again");
  answer.retry_after_s = 1;
  return answer;
}

frame_http::FrameAnswer FrameEndpoint::defer(std::string_view why, std::chrono::seconds wait) {
  ++metrics_.frames_deferred;
  frame_http::FrameAnswer answer;
  answer.status = 429;
  answer.body = json_error_body(why);
  answer.retry_after_s = static_cast<int>(wait.count());
  return answer;
}

// The pool takes no more at its end either.
frame_http::FrameAnswer FrameEndpoint::without_a_place() {
  return limit_.reached() ? stopping() : defer(kBusy, std::chrono::seconds(1));
}

std::optional<http::Response> FrameEndpoint::check_rate(const http::Request& head) {
  const std::string camera = camera_of(head);
  if (!pool_.has_room_for(camera)) {
    return response_to(without_a_place());
  }
  if (limiter_ != nullptr) {
    if (const auto wait = limiter_->take(camera, RateLimiter::Clock::now())) {
      return response_to(defer("this camera sends more frames a second than it may (--max-frames-per-second)",
                               std::chrono::ceil<std::chrono::seconds>(*wait)));
    }
  }
  return std::nullopt;
}

void FrameEndpoint::add_routes(http::Router& router, FrontDoor& door) {
  const http::RouteRules everybody = door.rules(FrontDoor::For::kEverybody);
  const http::RouteRules tokens = door.rules(FrontDoor::For::kTokens);
  const http::RouteRules frames = door.rules(FrontDoor::For::kFrames);
  const auto answers = [](auto make) {
    return [make](const http::Request&, http::Responder responder) { responder(make()); };
  };
  router.add({.method = "POST",
              .path = "/",
              .rules = frames,
              .handler = [this](http::Request request,
                                http::Responder responder) { handle_frame(std::move(request), std::move(responder)); },
              .rate = [this](const http::Request& head) { return check_rate(head); }});
  router.add({.method = "GET", .path = "/healthz", .rules = everybody, .handler = answers([] {
                                                                         return json_response(200,
                                                                                              R"({"status":"ok"})");
                                                                       })});
  router.add({.method = "GET", .path = "/readyz", .rules = everybody, .handler = answers([this] {
                                                                        return ready_()
                                                                                   ? json_response(
                                                                                         200, R"({"status":"ready"})")
                                                                                   : error_response(503, "not ready");
                                                                      })});
  router.add({.method = "GET", .path = "/metrics", .rules = tokens, .handler = answers([this] {
                                                                      return http::make_response(
                                                                          200, metrics::kPrometheusType,
                                                                          metrics::to_prometheus(metrics_.registry));
                                                                    })});
}

void FrameEndpoint::handle_frame(http::Request request, http::Responder responder) {
  const std::string camera = camera_of(request);
  // std::function wants copyable captures.
  const auto answer = std::make_shared<http::Responder>(std::move(responder));
  take(to_frame_request(std::move(request)), camera,
       [answer](frame_http::FrameAnswer taken) { (*answer)(response_to(std::move(taken))); });
}

void FrameEndpoint::take(frame_http::FrameRequest frame, const std::string& camera, Done done) {
  struct Work {
    frame_http::FrameRequest frame;
    Done done;
  };
  const auto work = std::make_shared<Work>(Work{std::move(frame), std::move(done)});
  Job job;
  job.run = [this, work] {
    const Clock::TimePoint arrived = work->frame.arrived;
    frame_http::FrameAnswer answer = frames_.handle(std::move(work->frame), limit_);
    count(metrics_, answer);
    if (answer.status < 400) {
      metrics_.frame_took(system_clock().now() - arrived);
    }
    work->done(std::move(answer));
  };
  job.refuse = [this, work] { work->done(without_a_place()); };
  if (!pool_.try_submit(camera, job)) {
    work->done(without_a_place());
  }
}

}  // namespace facepipe::serve
