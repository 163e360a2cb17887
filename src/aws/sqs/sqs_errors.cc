// SQS's error codes to ours. Sources: the "Errors" of each action in the Amazon SQS API Reference, and its "Common
// Errors". Tested by sqs_errors_test.cc.
#include <array>

#include "aws/sqs/sqs_protocol.h"
#include "base/json_reader.h"
#include "base/text.h"
#include "queue/queue_error.h"

namespace facepipe::aws {
namespace {

using queue::QueueErrorKind;

// The last word of a code, the one that both of SQS's protocols share: "com.amazonaws.sqs#QueueDoesNotExist",
// "AWS.SimpleQueueService.NonExistentQueue", "...#InvalidParameterValueException".
std::string_view last_word(std::string_view code) {
  constexpr std::string_view kSuffix = "Exception";
  std::string_view word = code.substr(code.find_last_of("#.") + 1);
  if (word.size() > kSuffix.size() && word.ends_with(kSuffix)) {
    word.remove_suffix(kSuffix.size());
  }
  return word;
}

QueueErrorKind kind_of(std::string_view word) {
  constexpr std::array<std::pair<std::string_view, QueueErrorKind>, 25> kKinds = {{
      {"QueueDoesNotExist", QueueErrorKind::kQueueDoesNotExist},
      {"NonExistentQueue", QueueErrorKind::kQueueDoesNotExist},
      {"QueueNameExists", QueueErrorKind::kQueueNameExists},
      {"QueueAlreadyExists", QueueErrorKind::kQueueNameExists},
      {"ReceiptHandleIsInvalid", QueueErrorKind::kReceiptHandleIsInvalid},
      {"MessageNotInflight", QueueErrorKind::kMessageNotInflight},
      {"InvalidParameterValue", QueueErrorKind::kInvalidParameter},
      {"InvalidParameterCombination", QueueErrorKind::kInvalidParameter},
      {"MissingParameter", QueueErrorKind::kMissingParameter},
      {"MissingRequiredParameter", QueueErrorKind::kMissingParameter},
      {"InvalidMessageContents", QueueErrorKind::kInvalidMessageContents},
      {"MessageTooLong", QueueErrorKind::kMessageTooLong},
      {"BatchRequestTooLong", QueueErrorKind::kBatchRequestTooLong},
      {"EmptyBatchRequest", QueueErrorKind::kEmptyBatchRequest},
      {"TooManyEntriesInBatchRequest", QueueErrorKind::kTooManyEntriesInBatchRequest},
      {"BatchEntryIdsNotDistinct", QueueErrorKind::kBatchEntryIdsNotDistinct},
      {"InvalidBatchEntryId", QueueErrorKind::kInvalidBatchEntryId},
      {"InvalidAttributeName", QueueErrorKind::kInvalidAttributeName},
      {"InvalidAttributeValue", QueueErrorKind::kInvalidAttributeValue},
      {"UnsupportedOperation", QueueErrorKind::kUnsupportedOperation},
      {"InvalidAddress", QueueErrorKind::kInvalidAddress},
      {"InvalidAction", QueueErrorKind::kUnknownAction},
      {"UnknownOperation", QueueErrorKind::kUnknownAction},
      {"MalformedInput", QueueErrorKind::kMalformedRequest},
      {"Serialization", QueueErrorKind::kMalformedRequest},
  }};
  for (const auto& [known, kind] : kKinds) {
    if (word == known) {
      return kind;
    }
  }
  return QueueErrorKind::kNone;
}

// Trouble with the key of a queue that is encrypted, "com.amazonaws.sqs#KmsDisabled" or "KMS.DisabledException": set-up
// that an operator can mend.
bool is_about_a_key(std::string_view code) {
  const std::string_view name = code.substr(code.find_last_of('#') + 1);
  return name.starts_with("Kms") || name.starts_with("KMS.");
}

// Of a code that is no kind of its own.
ErrorCode code_of(std::string_view word, int status) {
  constexpr std::array<std::pair<std::string_view, ErrorCode>, 16> kCodes = {{
      {"AccessDenied", ErrorCode::kPermission},
      {"InvalidClientTokenId", ErrorCode::kPermission},
      {"UnrecognizedClient", ErrorCode::kPermission},
      {"SignatureDoesNotMatch", ErrorCode::kPermission},
      {"InvalidSignature", ErrorCode::kPermission},
      {"IncompleteSignature", ErrorCode::kPermission},
      {"ExpiredToken", ErrorCode::kPermission},
      {"RequestExpired", ErrorCode::kPermission},
      {"MissingAuthenticationToken", ErrorCode::kPermission},
      {"InvalidSecurity", ErrorCode::kPermission},
      {"Throttling", ErrorCode::kUnavailable},
      {"RequestThrottled", ErrorCode::kUnavailable},
      {"KmsThrottled", ErrorCode::kUnavailable},
      {"TooManyRequests", ErrorCode::kUnavailable},
      {"ServiceUnavailable", ErrorCode::kUnavailable},
      {"OverLimit", ErrorCode::kExhausted},
  }};
  for (const auto& [known, code] : kCodes) {
    if (word == known) {
      return code;
    }
  }
  if (status >= 500 || status == 429) {
    return ErrorCode::kUnavailable;
  }
  return status == 401 || status == 403 ? ErrorCode::kPermission : ErrorCode::kInvalidArgument;
}

// What stands between two tags, where a server answers in XML whatever was asked: moto a bad signature, for example.
std::string between(std::string_view body, std::string_view start, std::string_view end) {
  const std::size_t begin = body.find(start);
  const std::size_t stop = body.find(end, begin == std::string_view::npos ? 0 : begin);
  return begin == std::string_view::npos || stop == std::string_view::npos
             ? std::string()
             : std::string(body.substr(begin + start.size(), stop - begin - start.size()));
}

}  // namespace

Error sqs_error(std::string_view code, int status, std::string_view text) {
  const std::string_view word = last_word(code);
  const QueueErrorKind kind = status < 500 ? kind_of(word) : QueueErrorKind::kNone;
  if (kind != QueueErrorKind::kNone) {
    return queue::queue_error(kind, text);
  }
  const ErrorCode known = code_of(word, status);
  return {known == ErrorCode::kInvalidArgument && is_about_a_key(code) ? ErrorCode::kPermission : known,
          std::string(text)};
}

Error error_of(const http::Response& response, std::string_view action) {
  std::string code;
  std::string message;
  if (const auto json = JsonDocument::parse_object(response.body, {})) {
    const auto text = [&json](std::string_view field) {
      return (*json)[field].as_string().value_or(std::string_view());
    };
    code = text("__type");
    message = text(text("message").empty() ? "Message" : "message");
  } else {
    code = between(response.body, "<Code>", "</Code>");
  }
  // "AWS.SimpleQueueService.NonExistentQueue;Sender", which names more kinds than the JSON protocol's own type.
  const std::string_view legacy = http::header(response.headers, "x-amzn-query-error");
  if (kind_of(last_word(code)) == QueueErrorKind::kNone && !legacy.empty()) {
    code = legacy.substr(0, legacy.find(';'));
  }
  const std::string shown = code.empty() ? "no error code" : first_line(code.substr(code.find_last_of('#') + 1));
  const std::string said = first_line(message);
  return sqs_error(code, response.status,
                   std::string(action) + ": SQS answered " + std::to_string(response.status) + " (" + shown + ")" +
                       (said.empty() ? "" : ": ") + said);
}

}  // namespace facepipe::aws
