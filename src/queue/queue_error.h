// Errors that Amazon SQS gives a name of its own, carried inside an ordinary Error.
//
// A caller that only retries or reports needs the ErrorCode and nothing of this file. A caller that must tell the kinds
// apart (the SQS wire protocol) asks queue_error_kind(). The message begins with the kind's name, for whoever reads a
// log: "QueueDoesNotExist: queue 'faces' does not exist".
#pragma once

#include "base/result.h"

namespace facepipe::queue {

enum class QueueErrorKind {
  kNone,  // an error of another origin: disk, lock, our fault
  kQueueDoesNotExist,
  kQueueNameExists,
  kReceiptHandleIsInvalid,
  kMessageNotInflight,
  kInvalidParameter,
  kMissingParameter,
  kInvalidMessageContents,
  kMessageTooLong,
  kBatchRequestTooLong,
  kEmptyBatchRequest,
  kTooManyEntriesInBatchRequest,
  kInvalidAttributeName,
  kInvalidAttributeValue,
  kPurgeInProgress,
  kUnsupportedOperation,
  // Only of a protocol's edge.
  kBatchEntryIdsNotDistinct,
  kInvalidBatchEntryId,
  kInvalidAddress,  // a queue URL that is none
  kUnknownAction,
  kMalformedRequest,  // not JSON, a value of the wrong type
};

// "QueueDoesNotExist" and so on; "None" for kNone. Stable.
[[nodiscard]] std::string_view to_string(QueueErrorKind kind);

// An Error of that kind, with the ErrorCode that fits it. `text` never holds payloads or handles.
[[nodiscard]] Error queue_error(QueueErrorKind kind, std::string_view text);

// The kind that queue_error put in, whatever context was added since; kNone for every other Error.
[[nodiscard]] QueueErrorKind queue_error_kind(const Error& error);

// The message without the kind's name at its beginning.
[[nodiscard]] std::string_view queue_error_text(const Error& error);

}  // namespace facepipe::queue
