// Tested by error_table_test.cc.
#include "wire/error_table.h"

#include "base/check.h"

namespace facepipe::wire {

ErrorMapping map_error(ErrorCode code) {
  using enum MessageFate;
  switch (code) {
    // The caller's bytes or parameters: 400 for all of them, as docs/formats/messages.md promises for a frame.
    case ErrorCode::kInvalidArgument:
      return {400, "Facepipe.InvalidArgument", kAnswerError};
    case ErrorCode::kInvalidData:
      return {400, "Facepipe.InvalidData", kAnswerError};
    case ErrorCode::kUnsupported:
      return {400, "Facepipe.Unsupported", kAnswerError};
    case ErrorCode::kTooLarge:
      return {400, "Facepipe.TooLarge", kAnswerError};
    case ErrorCode::kNotFound:
      return {404, "Facepipe.NotFound", kAnswerError};
    case ErrorCode::kAlreadyExists:
      return {409, "Facepipe.AlreadyExists", kAnswerError};
    // Set-up that an operator can mend while the message waits.
    case ErrorCode::kMismatch:
      return {500, "Facepipe.Mismatch", kRetry};
    case ErrorCode::kPermission:
      return {500, "Facepipe.Permission", kRetry};
    // Passing trouble.
    case ErrorCode::kUnavailable:
      return {503, "Facepipe.Unavailable", kRetry};
    case ErrorCode::kExhausted:
      return {503, "Facepipe.Exhausted", kRetry};
    case ErrorCode::kTimeout:
      return {504, "Facepipe.Timeout", kRetry};
    case ErrorCode::kInternal:
      return {500, "Facepipe.Internal", kRetry};
  }
  FACEPIPE_CHECK(false && "an ErrorCode outside its enumeration");
}

int body_error_status(ErrorCode code) {
  return code == ErrorCode::kUnsupported ? 415 : map_error(code).http_status;
}

}  // namespace facepipe::wire
