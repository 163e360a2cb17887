#include "wire/message_fate.h"

#include <gtest/gtest.h>

namespace facepipe::wire {
namespace {

TEST(MessageFate, BadInputIsTheCallersAndIsAnswered) {
  for (const ErrorCode code : {ErrorCode::kInvalidArgument, ErrorCode::kInvalidData, ErrorCode::kUnsupported,
                               ErrorCode::kTooLarge, ErrorCode::kNotFound, ErrorCode::kAlreadyExists}) {
    EXPECT_EQ(fate_of(code), MessageFate::kAnswerError) << to_string(code);
  }
}

TEST(MessageFate, PassingTroubleIsRetried) {
  for (const ErrorCode code : {ErrorCode::kMismatch, ErrorCode::kUnavailable, ErrorCode::kExhausted,
                               ErrorCode::kTimeout, ErrorCode::kPermission, ErrorCode::kInternal}) {
    EXPECT_EQ(fate_of(code), MessageFate::kRetry) << to_string(code);
  }
}

}  // namespace
}  // namespace facepipe::wire
