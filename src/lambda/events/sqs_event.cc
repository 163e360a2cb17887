// Tested by sqs_event_test.cc on tests/lambda/fixtures/sqs_batch.json.
#include "lambda/events/sqs_event.h"

#include <cstdint>
#include <limits>

#include "base/base64.h"
#include "base/json_writer.h"
#include "base/text.h"
#include "lambda/events/json_fields.h"

namespace facepipe::lambda {
namespace {

// SQS writes its numbers as strings. Absent: 0.
Result<std::int64_t> number_attribute(const JsonValue& attribute, std::int64_t most) {
  FACEPIPE_ASSIGN(const std::string_view text, attribute.string_or_empty());
  const auto value = text.empty() ? 0 : parse_number<std::int64_t>(text).value_or(-1);
  if (value < 0 || value > most) {
    return Error{ErrorCode::kInvalidData, attribute.path() + ": expected a number of 0 to " + std::to_string(most)};
  }
  return value;
}

Result<Clock::TimePoint> time_attribute(const JsonValue& attribute) {
  FACEPIPE_ASSIGN(const std::int64_t milliseconds,
                  number_attribute(attribute, std::numeric_limits<std::int64_t>::max()));
  return Clock::TimePoint{std::chrono::milliseconds{milliseconds}};
}

Status read_attributes(const JsonValue& attributes, SqsRecord& record) {
  FACEPIPE_ASSIGN(const std::int64_t count,
                  number_attribute(attributes["ApproximateReceiveCount"], std::numeric_limits<int>::max()));
  record.receive_count = static_cast<int>(count);
  FACEPIPE_ASSIGN(record.sent_at, time_attribute(attributes["SentTimestamp"]));
  FACEPIPE_ASSIGN(record.first_received_at, time_attribute(attributes["ApproximateFirstReceiveTimestamp"]));
  FACEPIPE_ASSIGN(record.sender_id, attributes["SenderId"].string_or_empty());
  FACEPIPE_ASSIGN(record.group_id, attributes["MessageGroupId"].string_or_empty());
  FACEPIPE_ASSIGN(record.deduplication_id, attributes["MessageDeduplicationId"].string_or_empty());
  FACEPIPE_ASSIGN(record.sequence_number, attributes["SequenceNumber"].string_or_empty());
  FACEPIPE_ASSIGN(record.trace_header, attributes["AWSTraceHeader"].string_or_empty());
  return {};
}

Status read_message_attributes(const JsonValue& attributes, SqsRecord& record) {
  return attributes.each_field([&record](std::string_view name, const JsonValue& fields) -> Status {
    FACEPIPE_TRY(fields.check_object());
    SqsEventAttribute attribute;
    FACEPIPE_ASSIGN(attribute.data_type, fields["dataType"].string_or_empty());
    FACEPIPE_ASSIGN(attribute.string_value, fields["stringValue"].string_or_empty());
    const JsonValue binary = fields["binaryValue"];
    FACEPIPE_ASSIGN(const std::string_view text, binary.string_or_empty());
    FACEPIPE_ASSIGN(attribute.binary_value, base64_decode(text).with_context(binary.path()));
    record.message_attributes.insert_or_assign(std::string(name), std::move(attribute));
    return {};
  });
}

Result<SqsRecord> read_record(const JsonValue& fields) {
  FACEPIPE_TRY(fields.check_object());
  SqsRecord record;
  FACEPIPE_ASSIGN(const std::string_view source, fields["eventSource"].string_or_empty());
  if (source != "aws:sqs") {
    return Error{ErrorCode::kInvalidData, fields["eventSource"].path() + ": expected \"aws:sqs\", got " +
                                              (source.empty() ? "nothing" : json_quote(source.substr(0, 40)))};
  }
  const JsonValue id = fields["messageId"];
  FACEPIPE_ASSIGN(record.message_id, id.string());
  if (record.message_id.empty()) {
    return id.must_be("a text that is not empty");
  }
  FACEPIPE_ASSIGN(record.receipt_handle, fields["receiptHandle"].string_or_empty());
  FACEPIPE_ASSIGN(record.body, fields["body"].string_or_empty());
  FACEPIPE_ASSIGN(record.body_md5, fields["md5OfBody"].string_or_empty());
  FACEPIPE_ASSIGN(record.event_source_arn, fields["eventSourceARN"].string_or_empty());
  FACEPIPE_ASSIGN(record.aws_region, fields["awsRegion"].string_or_empty());
  FACEPIPE_ASSIGN(const bool has_attributes, is_object(fields["attributes"]));
  if (has_attributes) {
    FACEPIPE_TRY(read_attributes(fields["attributes"], record));
  }
  FACEPIPE_ASSIGN(const bool has_message_attributes, is_object(fields["messageAttributes"]));
  if (has_message_attributes) {
    FACEPIPE_TRY(read_message_attributes(fields["messageAttributes"], record));
  }
  return record;
}

}  // namespace

Result<std::vector<SqsRecord>> parse_sqs_event(std::string_view json) {
  FACEPIPE_ASSIGN(const JsonDocument document, parse_event(json));
  const JsonValue list = document["Records"];
  if (list.type() != JsonType::kArray) {
    return Error{ErrorCode::kInvalidData, "event: expected a batch of SQS messages in \"Records\""};
  }
  std::vector<SqsRecord> records;
  records.reserve(list.size());
  FACEPIPE_TRY(list.each_item([&records](const JsonValue& item) -> Status {
    FACEPIPE_ASSIGN(SqsRecord record, read_record(item));
    records.push_back(std::move(record));
    return {};
  }));
  return records;
}

std::string batch_response(std::span<const std::string> failed_message_ids) {
  JsonWriter json;
  json.begin_object().key("batchItemFailures").begin_array();
  for (const std::string& id : failed_message_ids) {
    json.begin_object().key("itemIdentifier").string(id).end_object();
  }
  json.end_array().end_object();
  return std::move(json).text();
}

}  // namespace facepipe::lambda
