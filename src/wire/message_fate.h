// What becomes of the message that an error is about.
#pragma once

#include "base/result.h"

namespace facepipe::wire {

enum class MessageFate {
  kAnswerError,  // it can never succeed: an `error` answer is sent and the message is done
  kRetry,        // it may succeed later: it stays on the queue (batch item failure), in the end the dead-letter queue
};

// Exhaustive over ErrorCode.
[[nodiscard]] MessageFate fate_of(ErrorCode code);

}  // namespace facepipe::wire
