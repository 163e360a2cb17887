// Tested by frame_answer_test.cc.
#include "frame_http/frame_answer.h"

#include "base/check.h"
#include "base/json_writer.h"
#include "frame_http/frame_reader.h"
#include "wire/messages.h"

namespace facepipe::frame_http {
namespace {

using Kind = stage::FrameOutcome::Kind;

constexpr std::string_view kNoFaceMessage = "No face detected.";
constexpr std::string_view kQueuedMessage = "Face detection complete and request enqueued.";
constexpr std::string_view kEnqueueFailed = "Failed to enqueue message: ";
constexpr std::string_view kUnhandled = "Unhandled error: internal error";
constexpr int kBadGateway = 502;
constexpr int kServiceUnavailable = 503;
constexpr int kInternalServerError = 500;

// What more there is to say than the original does stands in `hint`.
FrameAnswer failure(int status, std::string_view text) {
  const bool missing = text.ends_with(kWhereFieldsGo);
  if (status == kInternalServerError) {
    text = kUnhandled;
  }
  FrameAnswer answer;
  answer.status = status;
  answer.body = missing ? json_error_body(wire::kMissingFields, "hint", kWhereFieldsGo) : json_error_body(text);
  answer.retry_after_s = status == kServiceUnavailable ? 1 : 0;
  return answer;
}

FrameAnswer accepted(const stage::FrameOutcome& outcome, bool original) {
  JsonWriter json;
  json.begin_object().key("message").string(outcome.faces == 0 ? kNoFaceMessage : kQueuedMessage);
  if (!original) {
    if (outcome.faces > 0) {
      json.key("faces").integer(outcome.faces);
    }
    if (outcome.left_out > 0) {
      json.key("faces_left_out").integer(outcome.left_out);
    }
    if (outcome.incomplete) {
      json.key("incomplete").boolean(true);
    }
  }
  json.end_object();
  FrameAnswer answer;
  answer.body = std::move(json).text();
  return answer;
}

int status_of(const stage::FrameOutcome& outcome) {
  if (outcome.kind == Kind::kNotStored) {
    return outcome.error.code == ErrorCode::kExhausted ? kServiceUnavailable : kBadGateway;
  }
  return http_status(outcome.error.code);
}

}  // namespace

int http_status(ErrorCode code) {
  switch (code) {
    // The caller's bytes or parameters.
    case ErrorCode::kInvalidArgument:
    case ErrorCode::kInvalidData:
    case ErrorCode::kUnsupported:
    case ErrorCode::kTooLarge:
      return 400;
    case ErrorCode::kNotFound:
      return 404;
    case ErrorCode::kAlreadyExists:
      return 409;
    // Set-up that an operator can mend.
    case ErrorCode::kMismatch:
    case ErrorCode::kPermission:
    case ErrorCode::kInternal:
      return kInternalServerError;
    // Passing trouble.
    case ErrorCode::kUnavailable:
    case ErrorCode::kExhausted:
      return kServiceUnavailable;
    case ErrorCode::kTimeout:
      return 504;
  }
  FACEPIPE_CHECK(false && "an ErrorCode outside its enumeration");
}

std::string trouble_of(const stage::FrameOutcome& outcome) {
  if (outcome.ok()) {
    return {};
  }
  return (outcome.kind == Kind::kNotStored ? std::string(kEnqueueFailed) : std::string()) + outcome.error.message;
}

FrameAnswer answer_to(const stage::FrameOutcome& outcome, bool original) {
  FrameAnswer answer = outcome.ok() ? accepted(outcome, original) : failure(status_of(outcome), trouble_of(outcome));
  answer.faces = outcome.ok() ? outcome.faces : 0;
  answer.duplicate = outcome.kind == Kind::kDuplicate;
  answer.faces_left_out = outcome.left_out;
  answer.incomplete = outcome.incomplete;
  return answer;
}

FrameAnswer refusal(const Error& error) {
  return failure(error.code == ErrorCode::kUnsupported ? 415 : http_status(error.code), error.message);
}

}  // namespace facepipe::frame_http
