#include "frame_http/frame_answer.h"

#include <gtest/gtest.h>

namespace facepipe::frame_http {
namespace {

using Kind = stage::FrameOutcome::Kind;

constexpr ErrorCode kAllCodes[] = {ErrorCode::kInvalidArgument, ErrorCode::kInvalidData, ErrorCode::kUnsupported,
                                   ErrorCode::kTooLarge,        ErrorCode::kNotFound,    ErrorCode::kAlreadyExists,
                                   ErrorCode::kMismatch,        ErrorCode::kUnavailable, ErrorCode::kExhausted,
                                   ErrorCode::kTimeout,         ErrorCode::kPermission,  ErrorCode::kInternal};

stage::FrameOutcome failed(ErrorCode code, Kind kind = Kind::kFailed) {
  stage::FrameOutcome outcome;
  outcome.kind = kind;
  outcome.error = Error{code, "why"};
  return outcome;
}

TEST(HttpStatus, BadInputIsTheCallers) {
  for (const ErrorCode code :
       {ErrorCode::kInvalidArgument, ErrorCode::kInvalidData, ErrorCode::kUnsupported, ErrorCode::kTooLarge}) {
    EXPECT_EQ(http_status(code), 400) << to_string(code);
  }
}

TEST(HttpStatus, TroubleOfOurOwnAndPassingTroubleAreTheServers) {
  for (const ErrorCode code : {ErrorCode::kMismatch, ErrorCode::kPermission, ErrorCode::kInternal}) {
    EXPECT_EQ(http_status(code), 500) << to_string(code);
  }
  EXPECT_EQ(http_status(ErrorCode::kUnavailable), 503);
  EXPECT_EQ(http_status(ErrorCode::kExhausted), 503);
  EXPECT_EQ(http_status(ErrorCode::kTimeout), 504);
}

TEST(HttpStatus, OfNamedThings) {
  EXPECT_EQ(http_status(ErrorCode::kNotFound), 404);
  EXPECT_EQ(http_status(ErrorCode::kAlreadyExists), 409);
}

TEST(FrameAnswers, ABodyOfNoKindThatIsTakenIs415AndAPictureOfNoneIs400) {
  for (const ErrorCode code : kAllCodes) {
    EXPECT_EQ(refusal({code, "why"}).status, code == ErrorCode::kUnsupported ? 415 : http_status(code));
    EXPECT_EQ(answer_to(failed(code), false).status, http_status(code));
  }
}

TEST(FrameAnswers, OnlyTroubleOfOurOwnIsNotTold) {
  for (const ErrorCode code : kAllCodes) {
    const FrameAnswer answer = answer_to(failed(code), false);
    EXPECT_EQ(answer.body,
              answer.status == 500 ? R"({"error":"Unhandled error: internal error"})" : R"({"error":"why"})");
    EXPECT_EQ(answer.retry_after_s, answer.status == 503 ? 1 : 0);
    EXPECT_EQ(trouble_of(failed(code)), "why");
  }
}

TEST(FrameAnswers, TheSinksTroubleIsABadGatewayUnlessItHasNoSpace) {
  for (const ErrorCode code : kAllCodes) {
    const FrameAnswer answer = answer_to(failed(code, Kind::kNotStored), false);
    EXPECT_EQ(answer.status, code == ErrorCode::kExhausted ? 503 : 502);
    EXPECT_EQ(answer.body, R"({"error":"Failed to enqueue message: why"})");
  }
}

TEST(FrameAnswers, ADuplicateIsAnsweredAsItWas) {
  stage::FrameOutcome outcome;
  for (const Kind kind : {Kind::kAccepted, Kind::kDuplicate}) {
    outcome.kind = kind;
    outcome.faces = 3;
    EXPECT_EQ(answer_to(outcome, false).body,
              R"({"message":"Face detection complete and request enqueued.","faces":3})");
    EXPECT_EQ(answer_to(outcome, true).body, R"({"message":"Face detection complete and request enqueued."})");
    outcome.faces = 0;
    EXPECT_EQ(answer_to(outcome, false).body, R"({"message":"No face detected."})");
    EXPECT_EQ(trouble_of(outcome), "");
  }
}

}  // namespace
}  // namespace facepipe::frame_http
