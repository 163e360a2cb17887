// The function face-detection: an HTTP event in, its answer out.
#pragma once

#include <functional>

#include "base/clock.h"
#include "base/work_limit.h"
#include "frame_http/frame_handler.h"
#include "lambda/runtime/loop.h"
#include "metrics.h"

namespace facepipe::lambda_app {

using FrameStage = std::function<frame_http::FrameAnswer(frame_http::FrameRequest request, const WorkLimit& limit)>;

// A frame's work ends shortly before the invocation does, with an answer that says so.
// Every event gets a proxy response: what is no event at all is answered 400 as a bad frame is. A
// load balancer's health check is answered 200 and is no frame. Errors: none.
// The clock and the metrics outlive the handler.
[[nodiscard]] lambda::Handler make_detection_handler(FrameStage stage, const Clock& clock, FunctionMetrics& metrics);

}  // namespace facepipe::lambda_app
