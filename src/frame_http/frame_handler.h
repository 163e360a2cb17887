// The detection stage behind HTTP: a request in, its answer back, and one log record a frame.
#pragma once

#include "base/log.h"
#include "base/result.h"
#include "base/work_limit.h"
#include "frame_http/frame_answer.h"
#include "frame_http/frame_reader.h"
#include "stage/detection/detection_stage.h"

namespace facepipe::frame_http {

// Thread-safe. The stage and the logger outlive it.
class FrameHandler {
 public:
  FrameHandler(const stage::DetectionStage& stage, Logger& logger) : stage_(stage), logger_(logger) {}

  // The log record "frame" tells request id, status, size, number of faces, error. The request is taken by value: the
  // body of a JSON frame is freed as soon as its picture is decoded from base64.
  [[nodiscard]] FrameAnswer handle(FrameRequest request, const WorkLimit& limit = {}) const;

 private:
  [[nodiscard]] Result<FrameHead> read(FrameRequest& request, const WorkLimit& limit) const;

  const stage::DetectionStage& stage_;
  Logger& logger_;
};

}  // namespace facepipe::frame_http
