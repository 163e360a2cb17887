// The second stage: face messages in, answers out.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <stop_token>
#include <string_view>
#include <vector>

#include "base/log.h"
#include "base/memory_budget.h"
#include "base/result.h"
#include "image/decode.h"
#include "stage/recognition/face_keeper.h"
#include "stage/recognition/recognizer_source.h"
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

// What FaceHandler::handle does, for whoever receives, sends and deletes.
using FaceStage =
    std::function<std::vector<FaceOutcome>(std::span<const std::string_view> bodies, const std::stop_token& stop)>;

// Bodies in, outcomes out; who receives, sends and deletes is the caller (serve, `worker`, the Lambda function).
// Thread-safe; what it is given outlives it.
class FaceHandler {
 public:
  // Each picture waits for its share of `memory` as long as it takes; null: no bound. Faces that were recognised go to
  // `keeper` before they are answered; null: nobody keeps them.
  FaceHandler(RecognizerSource& source, const image::DecodeLimits& limits, Logger& logger, WorkMemory* memory = nullptr,
              FaceKeeper* keeper = nullptr);
  // One outcome a body, in order, all by the recogniser as it is at the beginning; while the source waits for one, so
  // does the batch, and without one it is left for another try. Faces not begun when `stop` is requested are, too.
  // Pictures are decoded and cropped to the network's input one after the other; all faces that one network is to know
  // are embedded in one call, and one at a time if that fails, so that a bad face costs nobody else an answer. A cut
  // face is named by the network for those, where there is one (FaceRecognizer::for_face); what is kept of it is the
  // gallery's own embedding. A message that can never succeed (message_fate.h) gives an "error" answer if its request
  // id could be read; everything else that goes wrong gives no answer. A keeper that is out of reach or of space is
  // waited for until `stop`: no receipt is used up. A face that it refuses alone is left for another try. One log
  // record a message, "face": the request id, index and what became of
  // it, never a name.
  [[nodiscard]] std::vector<FaceOutcome> handle(std::span<const std::string_view> bodies,
                                                const std::stop_token& stop = {}) const;

 private:
  RecognizerSource& source_;
  image::DecodeOptions decode_;
  Logger& logger_;
  WorkMemory* memory_;
  FaceKeeper* keeper_;
};

}  // namespace facepipe::stage
