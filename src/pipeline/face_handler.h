// The second stage: face messages in, answers out.
#pragma once

#include <optional>
#include <span>
#include <string_view>
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
  std::optional<Error> error;  // set without an answer, and with an "error" answer
};

// Pure: bodies in, outcomes out; who receives, sends and deletes is the caller (serve's worker, the Lambda, `worker`).
// Thread-safe; the recogniser and the logger outlive it.
class FaceHandler {
 public:
  FaceHandler(const recognize::FaceRecognizer& recognizer, const image::DecodeLimits& limits, Logger& logger);
  // One outcome a body, in order; all faces are embedded in one call, and one at a time if that fails, so that a bad
  // face costs nobody else an answer. A message that can never succeed (error_table.h) gives an "error" answer if its
  // request id could be read; everything else that goes wrong gives no answer. One log record a message, "face": the
  // request id, index and what became of it, never a name.
  [[nodiscard]] std::vector<FaceOutcome> handle(std::span<const std::string_view> bodies) const;

 private:
  const recognize::FaceRecognizer& recognizer_;
  image::DecodeOptions decode_;
  Logger& logger_;
};

}  // namespace facepipe::pipeline
