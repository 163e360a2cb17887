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
constexpr char kDomain = 0;  // its address marks the details of this module

const Row& row_of(QueueErrorKind kind) {
  for (const Row& row : kRows) {
    if (row.kind == kind) {
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
  return Error{row.code, std::move(message), {&kDomain, static_cast<int>(kind)}};
}

QueueErrorKind queue_error_kind(const Error& error) {
  return error.detail.domain == &kDomain ? static_cast<QueueErrorKind>(error.detail.kind) : QueueErrorKind::kNone;
}

std::string_view queue_error_text(const Error& error) {
  std::string_view message = error.message;
  const std::string_view name = to_string(queue_error_kind(error));
  if (message.starts_with(name) && message.substr(name.size()).starts_with(kSeparator)) {
    message.remove_prefix(name.size() + kSeparator.size());
  }
  return message;
}

}  // namespace facepipe::queue
