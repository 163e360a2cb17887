// Tested by detection_test.cc.
#include "detection.h"

#include <algorithm>
#include <array>
#include <chrono>

#include "base/json_writer.h"
#include "lambda/events/proxy_event.h"

namespace facepipe::lambda_app {
namespace {

// What goes back, and whether it is about a frame.
struct Answered {
  frame_http::FrameAnswer answer;
  lambda::ReplyForm reply;
  bool is_frame = true;
};

frame_http::FrameAnswer bad_event(const Error& error) {
  return {400, json_error_body(error.message)};
}

// Kept for sending the faces and the answer.
constexpr std::chrono::milliseconds kReserve{500};

WorkLimit limit_of(const lambda::Invocation& invocation, Clock::TimePoint now) {
  const auto left = std::max(invocation.remaining(now) - kReserve, std::chrono::milliseconds(0));
  return WorkLimit().until(WorkLimit::Clock::now() + left,
                           std::to_string(left.count()) + " ms, what the function's timeout left");
}

Answered answer_event(const FrameStage& stage, const lambda::Invocation& invocation, Clock::TimePoint now) {
  Answered answered;
  auto event = lambda::parse_proxy_event(invocation.payload, &answered.reply);
  if (!event) {
    answered.answer = bad_event(event.error());
    return answered;
  }
  if (lambda::is_health_check(*event)) {
    answered.answer = {200, R"({"status":"ok"})"};
    answered.is_frame = false;
    return answered;
  }
  frame_http::FrameRequest request = lambda::to_frame_request(std::move(event).value());
  request.arrived = now;
  if (!invocation.trace_id.empty()) {
    request.trace_header = invocation.trace_id;  // the function's own segment, child of the header's
  }
  answered.answer = stage(std::move(request), limit_of(invocation, now));
  return answered;
}

}  // namespace

lambda::Handler make_detection_handler(FrameStage stage, const Clock& clock, FunctionMetrics& metrics) {
  return [stage = std::move(stage), &clock, &metrics](const lambda::Invocation& invocation) -> Result<std::string> {
    const Clock::TimePoint began = clock.now();
    const Answered answered = answer_event(stage, invocation, began);
    const int status = answered.answer.status;
    const std::array<metrics::Metric, 4> counts = {{
        {"FramesAccepted", answered.is_frame && status < 400 ? 1.0 : 0.0, "Count"},
        {"FramesRefused", status >= 400 && status < 500 ? 1.0 : 0.0, "Count"},
        {"FramesFailed", status >= 500 ? 1.0 : 0.0, "Count"},
        {"FacesLeftOut", static_cast<double>(answered.answer.faces_left_out), "Count"},
    }};
    metrics.write(invocation, began, counts);
    return lambda::proxy_response(status, answered.answer.body, answered.reply, answered.answer.retry_after_s);
  };
}

}  // namespace facepipe::lambda_app
