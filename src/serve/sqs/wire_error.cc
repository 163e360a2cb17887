// Codes: the SQS API reference ("Errors" of each action) and the service model of the JSON protocol, whose shapes keep
// the query protocol's codes by the trait awsQueryError. Tested by wire_error_test.cc
#include "serve/sqs/wire_error.h"

#include "queue/queue_error.h"
#include "queue/validation.h"

namespace facepipe::serve::sqs {
namespace {

using queue::QueueErrorKind;

struct Names {
  std::string_view json_type;
  std::string_view query_code;
};

#define FACEPIPE_SQS_TYPE(name) "com.amazonaws.sqs#" name
#define FACEPIPE_COMMON_TYPE(name) "com.amazon.coral.service#" name
#define FACEPIPE_SQS_CODE(name) "AWS.SimpleQueueService." name

Names names_of(QueueErrorKind kind) {
  switch (kind) {
    case QueueErrorKind::kQueueDoesNotExist:
      return {FACEPIPE_SQS_TYPE("QueueDoesNotExist"), FACEPIPE_SQS_CODE("NonExistentQueue")};
    case QueueErrorKind::kQueueNameExists:
      return {FACEPIPE_SQS_TYPE("QueueNameExists"), "QueueAlreadyExists"};
    case QueueErrorKind::kReceiptHandleIsInvalid:
      return {FACEPIPE_SQS_TYPE("ReceiptHandleIsInvalid"), "ReceiptHandleIsInvalid"};
    case QueueErrorKind::kMessageNotInflight:
      return {FACEPIPE_SQS_TYPE("MessageNotInflight"), FACEPIPE_SQS_CODE("MessageNotInflight")};
    case QueueErrorKind::kInvalidParameter:
    case QueueErrorKind::kMessageTooLong:
      return {FACEPIPE_COMMON_TYPE("InvalidParameterValueException"), "InvalidParameterValue"};
    case QueueErrorKind::kMissingParameter:
      return {FACEPIPE_COMMON_TYPE("MissingRequiredParameterException"), "MissingParameter"};
    case QueueErrorKind::kInvalidMessageContents:
      return {FACEPIPE_SQS_TYPE("InvalidMessageContents"), "InvalidMessageContents"};
    case QueueErrorKind::kBatchRequestTooLong:
      return {FACEPIPE_SQS_TYPE("BatchRequestTooLong"), FACEPIPE_SQS_CODE("BatchRequestTooLong")};
    case QueueErrorKind::kEmptyBatchRequest:
      return {FACEPIPE_SQS_TYPE("EmptyBatchRequest"), FACEPIPE_SQS_CODE("EmptyBatchRequest")};
    case QueueErrorKind::kTooManyEntriesInBatchRequest:
      return {FACEPIPE_SQS_TYPE("TooManyEntriesInBatchRequest"), FACEPIPE_SQS_CODE("TooManyEntriesInBatchRequest")};
    case QueueErrorKind::kBatchEntryIdsNotDistinct:
      return {FACEPIPE_SQS_TYPE("BatchEntryIdsNotDistinct"), FACEPIPE_SQS_CODE("BatchEntryIdsNotDistinct")};
    case QueueErrorKind::kInvalidBatchEntryId:
      return {FACEPIPE_SQS_TYPE("InvalidBatchEntryId"), FACEPIPE_SQS_CODE("InvalidBatchEntryId")};
    case QueueErrorKind::kInvalidAttributeName:
      return {FACEPIPE_SQS_TYPE("InvalidAttributeName"), "InvalidAttributeName"};
    case QueueErrorKind::kInvalidAttributeValue:
      return {FACEPIPE_SQS_TYPE("InvalidAttributeValue"), "InvalidAttributeValue"};
    case QueueErrorKind::kPurgeInProgress:
      return {FACEPIPE_SQS_TYPE("PurgeQueueInProgress"), FACEPIPE_SQS_CODE("PurgeQueueInProgress")};
    case QueueErrorKind::kUnsupportedOperation:
      return {FACEPIPE_SQS_TYPE("UnsupportedOperation"), FACEPIPE_SQS_CODE("UnsupportedOperation")};
    case QueueErrorKind::kInvalidAddress:
      return {FACEPIPE_SQS_TYPE("InvalidAddress"), "InvalidAddress"};
    case QueueErrorKind::kUnknownAction:
      return {FACEPIPE_COMMON_TYPE("UnknownOperationException"), "InvalidAction"};
    case QueueErrorKind::kMalformedRequest:
      return {FACEPIPE_COMMON_TYPE("SerializationException"), "MalformedInput"};
    case QueueErrorKind::kNone:
      break;
  }
  return {};
}

// Source: Amazon SQS API Reference, "Common errors".
WireError signature_names(aws::SignatureFault fault) {
  constexpr int kBadRequest = 400;
  constexpr int kForbidden = 403;
  switch (fault) {
    case aws::SignatureFault::kMissing:
      return {kForbidden,
              FACEPIPE_COMMON_TYPE("MissingAuthenticationTokenException"),
              "MissingAuthenticationToken",
              true,
              {}};
    case aws::SignatureFault::kIncomplete:
      return {kBadRequest, FACEPIPE_COMMON_TYPE("IncompleteSignatureException"), "IncompleteSignature", true, {}};
    case aws::SignatureFault::kUnknownKey:
      return {kForbidden, FACEPIPE_COMMON_TYPE("UnrecognizedClientException"), "InvalidClientTokenId", true, {}};
    case aws::SignatureFault::kExpired:
      return {kBadRequest, FACEPIPE_COMMON_TYPE("RequestExpiredException"), "RequestExpired", true, {}};
    case aws::SignatureFault::kNotKnown:
      return {503, "com.amazon.coral.service#ServiceUnavailableException", "ServiceUnavailable", false, {}};
    case aws::SignatureFault::kMismatch:
      break;
  }
  return {kForbidden, FACEPIPE_COMMON_TYPE("InvalidSignatureException"), "SignatureDoesNotMatch", true, {}};
}

#undef FACEPIPE_SQS_TYPE
#undef FACEPIPE_COMMON_TYPE
#undef FACEPIPE_SQS_CODE

}  // namespace

WireError wire_error(const Error& error) {
  const QueueErrorKind kind = queue::queue_error_kind(error);
  if (kind != QueueErrorKind::kNone) {
    const Names names = names_of(kind);
    // Messages may name what the client sent: nothing goes back that has no place in XML or JSON.
    std::string_view text = queue::queue_error_text(error);
    if (!queue::is_message_text(text)) {
      text = "The request contains characters that are not allowed.";
    }
    return {400, names.json_type, names.query_code, true, std::string(text)};
  }
  if (error.code == ErrorCode::kExhausted || error.code == ErrorCode::kUnavailable) {
    return {503, "com.amazon.coral.service#ServiceUnavailableException", "ServiceUnavailable", false,
            error.code == ErrorCode::kExhausted ? "The queue store is full." : "The queue store is busy. Try again."};
  }
  return {500, "com.amazon.coral.service#InternalFailure", "InternalFailure", false,
          "The request failed because of an error of the server."};
}

WireError signature_error(const aws::SignatureProblem& problem) {
  WireError error = signature_names(problem.fault);
  // What the client named may have no place in XML or JSON.
  error.message =
      queue::is_message_text(problem.message) ? problem.message : "The request is not signed as it must be.";
  return error;
}

}  // namespace facepipe::serve::sqs
