// The second stage: face messages in, answers out.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "base/log.h"
#include "base/result.h"
#include "image/decode.h"
#include "pipeline/messages.h"
#include "recognize/recognizer.h"

namespace facepipe::pipeline {

// What became of one message.
struct FaceOutcome {
  // The answer to send; the message is done once it is sent. Absent: the message must be tried again (and ends in the
  // dead-letter queue), `error` says why.
  std::optional<Answer> answer;
  Error error;  // meaningful without an answer, or for an "error" answer
};

// Pure: bodies in, outcomes out; who receives, sends and deletes is the caller (serve's worker, the Lambda, `worker`).
// Thread-safe; the recogniser and the logger outlive it.
class FaceHandler {
 public:
  FaceHandler(const recognize::FaceRecognizer& recognizer, image::DecodeLimits limits, Logger& logger);
  // One outcome a body, in order; all faces are embedded in one run. A body that is no face message but has a readable
  // request id gives an error answer; without one, no answer.
  [[nodiscard]] std::vector<FaceOutcome> handle(std::span<const std::string_view> bodies) const;

 private:
  const recognize::FaceRecognizer& recognizer_;
  image::DecodeLimits limits_;
  Logger& logger_;
};

}  // namespace facepipe::pipeline
