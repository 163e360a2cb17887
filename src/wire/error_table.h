// The one place where errors of the core become what a caller sees.
#pragma once

#include <string_view>

#include "base/result.h"

namespace facepipe::wire {

// What becomes of the message that an error is about.
enum class MessageFate {
  kAnswerError,  // it can never succeed: an `error` answer is sent and the message is done
  kRetry,        // it may succeed later: it stays on the queue (batch item failure), in the end the dead-letter queue
};

struct ErrorMapping {
  int http_status;
  std::string_view error_type;  // Lambda's errorType: "Facepipe.InvalidData"
  MessageFate fate;
};

// Exhaustive over ErrorCode.
[[nodiscard]] ErrorMapping map_error(ErrorCode code);

// The HTTP status of an error of read_frame(), which looks at a body before any picture in it is decoded: there
// kUnsupported is a body of no kind that is taken.
[[nodiscard]] int body_error_status(ErrorCode code);

}  // namespace facepipe::wire
