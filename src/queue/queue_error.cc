// The table of kinds: name and ErrorCode. Tested by queue_error_test.cc
#include "queue/queue_error.h"

#include <array>

namespace facepipe::queue {
namespace {

struct Row {
  QueueErrorKind kind;
  std::string_view name;
  ErrorCode code;
};

constexpr std::array kRows{
    Row{QueueErrorKind::kNone, "None", ErrorCode::kInternal},
    Row{QueueErrorKind::kQueueDoesNotExist, "QueueDoesNotExist", ErrorCode::kNotFound},
    Row{QueueErrorKind::kQueueNameExists, "QueueNameExists", ErrorCode::kAlreadyExists},
    Row{QueueErrorKind::kReceiptHandleIsInvalid, "ReceiptHandleIsInvalid", ErrorCode::kInvalidArgument},
    Row{QueueErrorKind::kMessageNotInflight, "MessageNotInflight", ErrorCode::kNotFound},
    Row{QueueErrorKind::kInvalidParameter, "InvalidParameter", ErrorCode::kInvalidArgument},
    Row{QueueErrorKind::kMissingParameter, "MissingParameter", ErrorCode::kInvalidArgument},
    Row{QueueErrorKind::kInvalidMessageContents, "InvalidMessageContents", ErrorCode::kInvalidData},
    Row{QueueErrorKind::kMessageTooLong, "MessageTooLong", ErrorCode::kTooLarge},
    Row{QueueErrorKind::kBatchRequestTooLong, "BatchRequestTooLong", ErrorCode::kTooLarge},
    Row{QueueErrorKind::kEmptyBatchRequest, "EmptyBatchRequest", ErrorCode::kInvalidArgument},
    Row{QueueErrorKind::kTooManyEntriesInBatchRequest, "TooManyEntriesInBatchRequest", ErrorCode::kInvalidArgument},
    Row{QueueErrorKind::kInvalidAttributeName, "InvalidAttributeName", ErrorCode::kInvalidArgument},
    Row{QueueErrorKind::kInvalidAttributeValue, "InvalidAttributeValue", ErrorCode::kInvalidArgument},
    Row{QueueErrorKind::kPurgeInProgress, "PurgeInProgress", ErrorCode::kUnavailable},
    Row{QueueErrorKind::kUnsupportedOperation, "UnsupportedOperation", ErrorCode::kUnsupported},
    Row{QueueErrorKind::kBatchEntryIdsNotDistinct, "BatchEntryIdsNotDistinct", ErrorCode::kInvalidArgument},
    Row{QueueErrorKind::kInvalidBatchEntryId, "InvalidBatchEntryId", ErrorCode::kInvalidArgument},
    Row{QueueErrorKind::kInvalidAddress, "InvalidAddress", ErrorCode::kInvalidArgument},
    Row{QueueErrorKind::kUnknownAction, "UnknownAction", ErrorCode::kUnsupported},
    Row{QueueErrorKind::kMalformedRequest, "MalformedRequest", ErrorCode::kInvalidData},
};
constexpr std::string_view kSeparator = ": ";

const Row& row_of(QueueErrorKind kind) {
  for (const Row& row : kRows) {
    if (row.kind == kind) {
      return row;
    }
  }
  return kRows[0];
}

const Row& row_of(const Error& error) {
  const std::string_view message = error.message;
  const std::string_view name = message.substr(0, message.find(kSeparator));
  for (const Row& row : kRows) {
    if (row.name == name && row.code == error.code && name.size() < message.size()) {
      return row;
    }
  }
  return kRows[0];
}

}  // namespace

std::string_view to_string(QueueErrorKind kind) {
  return row_of(kind).name;
}

Error queue_error(QueueErrorKind kind, std::string_view text) {
  const Row& row = row_of(kind);
  std::string message(row.name);
  message += kSeparator;
  message += text;
  return Error{row.code, std::move(message)};
}

QueueErrorKind queue_error_kind(const Error& error) {
  return row_of(error).kind;
}

std::string_view queue_error_text(const Error& error) {
  const std::string_view message = error.message;
  const Row& row = row_of(error);
  return row.kind == QueueErrorKind::kNone ? message : message.substr(row.name.size() + kSeparator.size());
}

}  // namespace facepipe::queue
