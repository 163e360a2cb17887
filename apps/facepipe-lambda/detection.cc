// Tested by detection_test.cc.
#include "detection.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <string>
#include <utility>

#include "aws/events/proxy_event.h"
#include "base/json_writer.h"

namespace facepipe::lambda_app {
namespace {

pipeline::FrameAnswer bad_event(const Error& error) {
  JsonWriter json;
  json.begin_object().key("error").string(error.message).end_object();
  return {400, std::move(json).text()};
}

// Kept for sending the faces and the answer.
constexpr std::chrono::milliseconds kReserve{500};

WorkLimit limit_of(const lambda::Invocation& invocation, Clock::TimePoint now) {
  const auto left = std::max(invocation.remaining(now) - kReserve, std::chrono::milliseconds(0));
  return WorkLimit().until(WorkLimit::Clock::now() + left,
                           std::to_string(left.count()) + " ms, what the function's timeout left");
}

pipeline::FrameAnswer answer_event(const FrameStage& stage, const lambda::Invocation& invocation,
                                   Clock::TimePoint now) {
  auto event = aws::parse_proxy_event(invocation.payload);
  if (!event) {
    return bad_event(event.error());
  }
  pipeline::FrameRequest request = aws::to_frame_request(std::move(event).value());
  if (!invocation.trace_id.empty()) {
    request.trace_header = invocation.trace_id;  // the function's own segment, child of the header's
  }
  return stage(std::move(request), limit_of(invocation, now));
}

}  // namespace

lambda::Handler make_detection_handler(FrameStage stage, const Clock& clock, FunctionMetrics& metrics) {
  return [stage = std::move(stage), &clock, &metrics](const lambda::Invocation& invocation) -> Result<std::string> {
    const Clock::TimePoint began = clock.now();
    const pipeline::FrameAnswer answer = answer_event(stage, invocation, began);
    const std::array<lambda::Metric, 4> counts = {{
        {"FramesAccepted", answer.status < 400 ? 1.0 : 0.0, "Count"},
        {"FramesRefused", answer.status >= 400 && answer.status < 500 ? 1.0 : 0.0, "Count"},
        {"FramesFailed", answer.status >= 500 ? 1.0 : 0.0, "Count"},
        {"FacesLeftOut", static_cast<double>(answer.faces_left_out), "Count"},
    }};
    metrics.write(invocation, began, counts);
    return aws::proxy_response(answer.status, answer.body);
  };
}

}  // namespace facepipe::lambda_app
