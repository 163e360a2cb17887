// The second stage: face messages in, answers out.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <stop_token>
#include <string_view>
#include <vector>

#include "base/log.h"
#include "base/result.h"
#include "base/work_memory.h"
#include "image/decode.h"
#include "recognize/recognizer.h"
#include "wire/messages.h"

namespace facepipe::stage {

// What became of one message.
struct FaceOutcome {
  // The answer to send; the message is done once it is sent. Absent: the message must be tried again (and ends in the
  // dead-letter queue), `error` says why.
  std::optional<wire::Answer> answer;
  std::optional<Error> error;  // set without an answer, and with an "error" answer
};

// The picture of a face message is far smaller than a frame: our detector sends at most 512 px a side, the Python
// original 240x240. More than this, or than a frame's limits, is refused.
inline constexpr std::int64_t kMaxFacePixels = 4'194'304;  // 2048x2048
inline constexpr int kMaxFaceSidePx = 4'096;

// What the work on faces shares with others.
struct FaceResources {
  WorkMemory* memory = nullptr;  // each picture waits for its share as long as it takes; null: no bound
  std::stop_token stop;          // faces not begun then are left for another try
};

// Pure: bodies in, outcomes out; who receives, sends and deletes is the caller (serve's worker, the Lambda, `worker`).
// Thread-safe; the recogniser and the logger outlive it.
class FaceHandler {
 public:
  FaceHandler(const recognize::FaceRecognizer& recognizer, const image::DecodeLimits& limits, Logger& logger,
              FaceResources resources = {});
  // One outcome a body, in order. Pictures are decoded and cropped to the network's input one after the other; all
  // faces are embedded in one call, and one at a time if that fails, so that a bad face costs nobody else an answer. A
  // message that can never succeed (message_fate.h) gives an "error" answer if its request id could be read; everything
  // else that goes wrong gives no answer. One log record a message, "face": the request id, index and what became of
  // it, never a name.
  [[nodiscard]] std::vector<FaceOutcome> handle(std::span<const std::string_view> bodies) const;

 private:
  const recognize::FaceRecognizer& recognizer_;
  image::DecodeOptions decode_;
  Logger& logger_;
  const FaceResources resources_;
};

}  // namespace facepipe::stage
