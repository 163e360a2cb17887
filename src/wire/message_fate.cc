// Tested by message_fate_test.cc.
#include "wire/message_fate.h"

#include "base/check.h"

namespace facepipe::wire {

MessageFate fate_of(ErrorCode code) {
  switch (code) {
    case ErrorCode::kInvalidArgument:
    case ErrorCode::kInvalidData:
    case ErrorCode::kUnsupported:
    case ErrorCode::kTooLarge:
    case ErrorCode::kNotFound:
    case ErrorCode::kAlreadyExists:
      return MessageFate::kAnswerError;
    // Set-up that an operator can mend while the message waits.
    case ErrorCode::kMismatch:
    case ErrorCode::kPermission:
    // Passing trouble.
    case ErrorCode::kUnavailable:
    case ErrorCode::kExhausted:
    case ErrorCode::kTimeout:
    case ErrorCode::kInternal:
      return MessageFate::kRetry;
  }
  FACEPIPE_CHECK(false && "an ErrorCode outside its enumeration");
}

}  // namespace facepipe::wire
