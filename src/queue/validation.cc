// Tested by validation_test.cc
#include "queue/validation.h"

#include <algorithm>
#include <cstdint>

#include "base/printable.h"
#include "base/text.h"
#include "queue/message_queue.h"
#include "queue/queue_error.h"

namespace facepipe::queue {
namespace {

constexpr std::string_view kFifoSuffix = ".fifo";
constexpr std::size_t kMaxAttributeNameLength = 256;
constexpr std::size_t kMaxNumberDigits = 38;
constexpr std::chrono::seconds kMaxDelay{900};
constexpr std::chrono::seconds kMaxWait{20};
constexpr std::chrono::seconds kMaxVisibility{43'200};

bool is_alphanumeric(char c) {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

Error invalid_parameter(std::string_view text) {
  return queue_error(QueueErrorKind::kInvalidParameter, text);
}

std::string value_invalid(std::string_view parameter, std::string_view reason) {
  return "Value for parameter " + std::string(parameter) + " is invalid. Reason: " + std::string(reason);
}

// One character of UTF-8 at `text[at]`; moves `at` past it. 0 for anything malformed (0 itself is no message text).
char32_t decode_character(std::string_view text, std::size_t& at) {
  const std::size_t length = utf8_length(text, at);
  const std::string_view sequence = text.substr(at, length);
  at += length;
  return length == 0 ? 0 : code_point(sequence);
}

bool is_message_character(char32_t c) {
  return c == 0x9 || c == 0xa || c == 0xd || (c >= 0x20 && c <= 0xd7ff) || (c >= 0xe000 && c <= 0xfffd) ||
         (c >= 0x10000 && c <= 0x10ffff);
}

// "-12.5e+3": what SQS takes as a Number: a sign, up to 38 digits with an optional point, an exponent.
bool is_number(std::string_view text) {
  std::size_t at = !text.empty() && (text[0] == '-' || text[0] == '+') ? 1 : 0;
  std::size_t digits = 0;
  bool point = false;
  for (; at < text.size() && (is_digit(text[at]) || (text[at] == '.' && !point)); ++at) {
    point = point || text[at] == '.';
    digits += is_digit(text[at]) ? 1U : 0U;
  }
  if (digits == 0 || digits > kMaxNumberDigits) {
    return false;
  }
  if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
    ++at;
    at += at < text.size() && (text[at] == '-' || text[at] == '+') ? 1U : 0U;
    const std::size_t exponent = at;
    while (at < text.size() && is_digit(text[at])) {
      ++at;
    }
    if (at == exponent || at - exponent > 3) {
      return false;
    }
  }
  return at == text.size();
}

bool starts_with_reserved_prefix(std::string_view name) {
  const std::string start = lower(name.substr(0, 7));
  return start.starts_with("aws.") || start == "amazon.";
}

bool is_attribute_name(std::string_view name) {
  return !name.empty() && name.size() <= kMaxAttributeNameLength && name.front() != '.' && name.back() != '.' &&
         name.find("..") == std::string_view::npos && !starts_with_reserved_prefix(name) &&
         std::all_of(name.begin(), name.end(),
                     [](char c) { return is_alphanumeric(c) || c == '_' || c == '-' || c == '.'; });
}

Status validate_attribute(const std::string& name, const MessageAttribute& attribute) {
  if (!is_attribute_name(name)) {
    return invalid_parameter(
        "The message attribute name must be 1 to 256 characters of A-Z, a-z, 0-9, underscore, hyphen and period, "
        "without a period at an end or two in a row, and not start with AWS. or Amazon.");
  }
  const std::string quoted = "The message attribute '" + name + "'";
  const std::string_view type(attribute.data_type);
  const std::string_view base = type.substr(0, type.find('.'));
  if (type.size() > kMaxAttributeNameLength || (base != "String" && base != "Number" && base != "Binary") ||
      type.back() == '.') {
    return invalid_parameter(quoted +
                             " has an invalid message attribute type, the set of supported type prefixes is "
                             "Binary, Number, and String.");
  }
  if (!is_message_text(type)) {
    return invalid_parameter(quoted + " has a DataType with characters outside the allowed set.");
  }
  if (attribute.value.empty()) {
    return invalid_parameter(quoted + " must contain non-empty message attribute value for message attribute type '" +
                             std::string(base) + "'.");
  }
  if (base == "Number" && !is_number(attribute.value)) {
    return invalid_parameter(quoted + " must contain a number of at most 38 digits.");
  }
  if (base != "Binary" && !is_message_text(attribute.value)) {
    return queue_error(QueueErrorKind::kInvalidMessageContents,
                       quoted + " contains characters outside the allowed set.");
  }
  return {};
}

Status validate_id(std::string_view parameter, std::string_view id) {
  // Letters, digits and ASCII punctuation: every printable character but the space.
  const bool plain = std::all_of(id.begin(), id.end(), [](char c) { return c > ' ' && c < '\x7f'; });
  if (id.size() > kMaxIdLength || !plain) {
    return invalid_parameter(value_invalid(
        parameter,
        std::string(parameter) + " can only include alphanumeric and punctuation characters. 1 to 128 in length."));
  }
  return {};
}

Status in_range(std::string_view name, std::int64_t value, std::int64_t low, std::int64_t high) {
  if (value >= low && value <= high) {
    return {};
  }
  return queue_error(QueueErrorKind::kInvalidAttributeValue,
                     "Invalid value for the parameter " + std::string(name) + ": expected " + std::to_string(low) +
                         " to " + std::to_string(high) + ", got " + std::to_string(value) + ".");
}

}  // namespace

bool is_message_text(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    at += plain_length(text.substr(at));
    if (at < text.size() && !is_message_character(decode_character(text, at))) {
      return false;
    }
  }
  return true;
}

std::string to_message_text(std::string_view text) {
  constexpr std::string_view kReplacement = "\xef\xbf\xbd";
  std::string clean;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t start = at;
    if (is_message_character(decode_character(text, at))) {
      clean += text.substr(start, at - start);
    } else {
      clean += kReplacement;
      at = start + 1;
    }
  }
  return clean;
}

std::string reason_text(std::string_view reason) {
  std::string text;
  for (std::size_t at = 0; at < reason.size();) {
    const std::size_t start = at;
    const bool kept = is_message_character(decode_character(reason, at));
    at = kept ? at : start + 1;
    if (text.size() + (at - start) > kMaxReasonBytes) {
      break;
    }
    text += kept ? reason.substr(start, at - start) : std::string_view("?");
  }
  return text;
}

std::size_t message_bytes(const OutgoingMessage& message) {
  std::size_t bytes = message.body.size();
  for (const auto& [name, attribute] : message.attributes) {
    bytes += name.size() + attribute.data_type.size() + attribute.value.size();
  }
  return bytes;
}

Status validate_message(const OutgoingMessage& message) {
  if (message.body.empty()) {
    return queue_error(QueueErrorKind::kMissingParameter, "The request must contain the parameter MessageBody.");
  }
  if (message_bytes(message) > kMaxMessageBytes) {
    return queue_error(QueueErrorKind::kMessageTooLong,
                       "One or more parameters are invalid. Reason: Message must be "
                       "shorter than 1048576 bytes.");
  }
  if (!is_message_text(message.body)) {
    return queue_error(QueueErrorKind::kInvalidMessageContents,
                       "Invalid characters found. Valid unicode characters are #x9 | #xA | #xD | #x20 to #xD7FF | "
                       "#xE000 to #xFFFD | #x10000 to #x10FFFF");
  }
  if (message.attributes.size() > kMaxMessageAttributes) {
    return invalid_parameter("Number of message attributes [" + std::to_string(message.attributes.size()) +
                             "] exceeds the allowed maximum [10].");
  }
  for (const auto& [name, attribute] : message.attributes) {
    FACEPIPE_TRY(validate_attribute(name, attribute));
  }
  if (message.delay && (message.delay->count() < 0 || *message.delay > kMaxDelay)) {
    return invalid_parameter("Value " + std::to_string(message.delay->count()) +
                             " for parameter DelaySeconds is invalid. Reason: DelaySeconds must be >= 0 and <= 900.");
  }
  FACEPIPE_TRY(validate_id("MessageGroupId", message.group_id));
  FACEPIPE_TRY(validate_id("MessageDeduplicationId", message.deduplication_id));
  if (message.trace_header.size() > kMaxAttributeNameLength || !is_message_text(message.trace_header)) {
    return invalid_parameter(value_invalid("AWSTraceHeader", "It must be text of at most 256 bytes."));
  }
  return {};
}

Status validate_for_queue(const OutgoingMessage& message, const QueueAttributes& queue) {
  if (static_cast<std::int64_t>(message_bytes(message)) > queue.maximum_message_bytes) {
    return queue_error(QueueErrorKind::kMessageTooLong,
                       "One or more parameters are invalid. Reason: Message must be shorter than " +
                           std::to_string(queue.maximum_message_bytes) + " bytes.");
  }
  if (queue.fifo && message.group_id.empty()) {
    return queue_error(QueueErrorKind::kMissingParameter, "The request must contain the parameter MessageGroupId.");
  }
  if (queue.fifo && message.deduplication_id.empty() && !queue.content_based_deduplication) {
    return invalid_parameter(
        "The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly");
  }
  constexpr std::string_view kWrongType = "The request include parameter that is not valid for this queue type";
  if (queue.fifo && message.delay && message.delay->count() != 0) {
    return invalid_parameter(value_invalid("DelaySeconds", kWrongType));
  }
  if (!queue.fifo && !message.deduplication_id.empty()) {
    return invalid_parameter(value_invalid("MessageDeduplicationId", kWrongType));
  }
  return {};
}

bool is_fifo_name(std::string_view name) {
  return name.ends_with(kFifoSuffix);
}

Status validate_queue_name(std::string_view name, bool fifo) {
  const bool has_suffix = is_fifo_name(name);
  const std::string_view stem = has_suffix ? name.substr(0, name.size() - kFifoSuffix.size()) : name;
  const bool plain =
      std::all_of(stem.begin(), stem.end(), [](char c) { return is_alphanumeric(c) || c == '-' || c == '_'; });
  if (stem.empty() || name.size() > kMaxQueueNameLength || !plain) {
    return invalid_parameter("Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length");
  }
  if (has_suffix != fifo) {
    return invalid_parameter("The name of a FIFO queue ends with the .fifo suffix, that of a standard queue does not");
  }
  return {};
}

Status validate_queue_attributes(const QueueAttributes& attributes) {
  FACEPIPE_TRY(in_range("VisibilityTimeout", attributes.visibility_timeout.count(), 0, kMaxVisibility.count()));
  FACEPIPE_TRY(in_range("DelaySeconds", attributes.delay.count(), 0, kMaxDelay.count()));
  FACEPIPE_TRY(in_range("ReceiveMessageWaitTimeSeconds", attributes.receive_wait.count(), 0, kMaxWait.count()));
  FACEPIPE_TRY(in_range("MessageRetentionPeriod", attributes.retention.count(), 60, 1'209'600));
  FACEPIPE_TRY(in_range("MaximumMessageSize", attributes.maximum_message_bytes, 1024, 1'048'576));
  if (attributes.dead_letter_queue.empty()) {
    FACEPIPE_TRY(in_range("maxReceiveCount without deadLetterTargetArn", attributes.max_receive_count, 0, 0));
  } else {
    FACEPIPE_TRY(in_range("maxReceiveCount", attributes.max_receive_count, 1, 1000));
  }
  if (attributes.content_based_deduplication && !attributes.fifo) {
    return queue_error(QueueErrorKind::kInvalidAttributeName,
                       "Unknown Attribute ContentBasedDeduplication: only FIFO queues have it.");
  }
  return {};
}

Status validate_receive(const ReceiveOptions& options) {
  if (options.max_messages < 1 || options.max_messages > static_cast<int>(kMaxBatch)) {
    return invalid_parameter("Value " + std::to_string(options.max_messages) +
                             " for parameter MaxNumberOfMessages is invalid. Reason: Must be between 1 and 10, if "
                             "provided.");
  }
  if (options.wait.count() < 0 || options.wait > kMaxWait) {
    return invalid_parameter("Value " + std::to_string(options.wait.count()) +
                             " for parameter WaitTimeSeconds is invalid. Reason: Must be >= 0 and <= 20, if provided.");
  }
  if (options.visibility_timeout) {
    FACEPIPE_TRY(validate_visibility_timeout(*options.visibility_timeout));
  }
  return {};
}

Status validate_visibility_timeout(std::chrono::seconds timeout) {
  if (timeout.count() < 0 || timeout > kMaxVisibility) {
    return invalid_parameter("Value " + std::to_string(timeout.count()) +
                             " for parameter VisibilityTimeout is invalid. Reason: Must be between 0 and 43200.");
  }
  return {};
}

Status validate_batch_size(std::size_t entries) {
  if (entries == 0) {
    return queue_error(QueueErrorKind::kEmptyBatchRequest, "There should be at least one entry in the request.");
  }
  if (entries > kMaxBatch) {
    return queue_error(QueueErrorKind::kTooManyEntriesInBatchRequest,
                       "Maximum number of entries per request are 10. You have sent " + std::to_string(entries) + ".");
  }
  return {};
}

}  // namespace facepipe::queue
