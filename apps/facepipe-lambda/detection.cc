// Tested by detection_test.cc.
#include "detection.h"

#include <array>
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

pipeline::FrameAnswer answer_event(const FrameStage& stage, const lambda::Invocation& invocation) {
  auto event = aws::parse_proxy_event(invocation.payload);
  if (!event) {
    return bad_event(event.error());
  }
  pipeline::FrameRequest request = aws::to_frame_request(std::move(event).value());
  if (!invocation.trace_id.empty()) {
    request.trace_header = invocation.trace_id;  // the function's own segment, child of the header's
  }
  return stage(request);
}

}  // namespace

lambda::Handler make_detection_handler(FrameStage stage, const Clock& clock, FunctionMetrics& metrics) {
  return [stage = std::move(stage), &clock, &metrics](const lambda::Invocation& invocation) -> Result<std::string> {
    const Clock::TimePoint began = clock.now();
    const pipeline::FrameAnswer answer = answer_event(stage, invocation);
    const std::array<lambda::Metric, 3> counts = {{
        {"FramesAccepted", answer.status < 400 ? 1.0 : 0.0, "Count"},
        {"FramesRefused", answer.status >= 400 && answer.status < 500 ? 1.0 : 0.0, "Count"},
        {"FramesFailed", answer.status >= 500 ? 1.0 : 0.0, "Count"},
    }};
    metrics.write(invocation, began, counts);
    return aws::proxy_response(answer.status, answer.body);
  };
}

}  // namespace facepipe::lambda_app
