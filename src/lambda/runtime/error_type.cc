// Tested by error_type_test.cc.
#include "lambda/runtime/error_type.h"

#include "base/check.h"

namespace facepipe::lambda {

std::string_view error_type(ErrorCode code) {
  switch (code) {
    case ErrorCode::kInvalidArgument:
      return "Facepipe.InvalidArgument";
    case ErrorCode::kInvalidData:
      return "Facepipe.InvalidData";
    case ErrorCode::kUnsupported:
      return "Facepipe.Unsupported";
    case ErrorCode::kTooLarge:
      return "Facepipe.TooLarge";
    case ErrorCode::kNotFound:
      return "Facepipe.NotFound";
    case ErrorCode::kAlreadyExists:
      return "Facepipe.AlreadyExists";
    case ErrorCode::kMismatch:
      return "Facepipe.Mismatch";
    case ErrorCode::kPermission:
      return "Facepipe.Permission";
    case ErrorCode::kUnavailable:
      return "Facepipe.Unavailable";
    case ErrorCode::kExhausted:
      return "Facepipe.Exhausted";
    case ErrorCode::kTimeout:
      return "Facepipe.Timeout";
    case ErrorCode::kInternal:
      return "Facepipe.Internal";
  }
  FACEPIPE_CHECK(false && "an ErrorCode outside its enumeration");
}

}  // namespace facepipe::lambda
