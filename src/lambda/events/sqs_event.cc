// Tested by sqs_event_test.cc on tests/lambda/fixtures/sqs_batch.json.
#include "lambda/events/sqs_event.h"

#include <charconv>
#include <cstdint>
#include <limits>
#include <utility>

#include "base/base64.h"
#include "base/json_writer.h"
#include "lambda/events/json_fields.h"

namespace facepipe::lambda {
namespace {

using simdjson::dom::array;
using simdjson::dom::element;
using simdjson::dom::object;

// SQS writes its numbers as strings. Absent: 0.
Result<std::int64_t> number_attribute(object attributes, std::string_view name, const std::string& path,
                                      std::int64_t most) {
  FACEPIPE_ASSIGN(const std::string_view text, string_field(attributes, name, path));
  std::int64_t value = 0;
  if (text.empty()) {
    return value;
  }
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || value < 0 || value > most) {
    return Error{ErrorCode::kInvalidData, path + ": expected a number of 0 to " + std::to_string(most)};
  }
  return value;
}

Result<Clock::TimePoint> time_attribute(object attributes, std::string_view name, const std::string& path) {
  FACEPIPE_ASSIGN(const std::int64_t milliseconds,
                  number_attribute(attributes, name, path, std::numeric_limits<std::int64_t>::max()));
  return Clock::TimePoint{std::chrono::milliseconds{milliseconds}};
}

Status read_attributes(object attributes, const std::string& path, SqsRecord& record) {
  const auto field = [&](std::string_view name) { return path + "." + std::string(name); };
  FACEPIPE_ASSIGN(const std::int64_t count,
                  number_attribute(attributes, "ApproximateReceiveCount", field("ApproximateReceiveCount"),
                                   std::numeric_limits<int>::max()));
  record.receive_count = static_cast<int>(count);
  FACEPIPE_ASSIGN(record.sent_at, time_attribute(attributes, "SentTimestamp", field("SentTimestamp")));
  FACEPIPE_ASSIGN(record.first_received_at, time_attribute(attributes, "ApproximateFirstReceiveTimestamp",
                                                           field("ApproximateFirstReceiveTimestamp")));
  FACEPIPE_ASSIGN(record.sender_id, string_field(attributes, "SenderId", field("SenderId")));
  FACEPIPE_ASSIGN(record.group_id, string_field(attributes, "MessageGroupId", field("MessageGroupId")));
  FACEPIPE_ASSIGN(record.deduplication_id,
                  string_field(attributes, "MessageDeduplicationId", field("MessageDeduplicationId")));
  FACEPIPE_ASSIGN(record.sequence_number, string_field(attributes, "SequenceNumber", field("SequenceNumber")));
  FACEPIPE_ASSIGN(record.trace_header, string_field(attributes, "AWSTraceHeader", field("AWSTraceHeader")));
  return {};
}

Status read_message_attributes(object attributes, const std::string& path, SqsRecord& record) {
  for (const auto& [name, value] : attributes) {
    const std::string here = path + "." + std::string(name);
    object fields;
    if (value.get(fields) != simdjson::SUCCESS) {
      return Error{ErrorCode::kInvalidData, here + ": expected an object, got " + std::string(json_type_name(value))};
    }
    SqsEventAttribute attribute;
    FACEPIPE_ASSIGN(attribute.data_type, string_field(fields, "dataType", here + ".dataType"));
    FACEPIPE_ASSIGN(attribute.string_value, string_field(fields, "stringValue", here + ".stringValue"));
    FACEPIPE_ASSIGN(const std::string_view binary, string_field(fields, "binaryValue", here + ".binaryValue"));
    auto bytes = base64_decode(binary);
    if (!bytes) {
      return bytes.error().with_context(here + ".binaryValue");
    }
    attribute.binary_value = std::move(bytes).value();
    record.message_attributes.insert_or_assign(std::string(name), std::move(attribute));
  }
  return {};
}

Result<SqsRecord> read_record(object fields, const std::string& path) {
  SqsRecord record;
  FACEPIPE_ASSIGN(const std::string_view source, string_field(fields, "eventSource", path + ".eventSource"));
  if (source != "aws:sqs") {
    return Error{ErrorCode::kInvalidData, path + ".eventSource: expected \"aws:sqs\", got " +
                                              (source.empty() ? "nothing" : json_quote(source.substr(0, 40)))};
  }
  FACEPIPE_ASSIGN(record.message_id, required_string(fields, "messageId", path + ".messageId"));
  FACEPIPE_ASSIGN(record.receipt_handle, string_field(fields, "receiptHandle", path + ".receiptHandle"));
  FACEPIPE_ASSIGN(record.body, string_field(fields, "body", path + ".body"));
  FACEPIPE_ASSIGN(record.body_md5, string_field(fields, "md5OfBody", path + ".md5OfBody"));
  FACEPIPE_ASSIGN(record.event_source_arn, string_field(fields, "eventSourceARN", path + ".eventSourceARN"));
  FACEPIPE_ASSIGN(record.aws_region, string_field(fields, "awsRegion", path + ".awsRegion"));
  object attributes;
  FACEPIPE_ASSIGN(const bool has_attributes, object_field(fields, "attributes", path + ".attributes", attributes));
  if (has_attributes) {
    FACEPIPE_TRY(read_attributes(attributes, path + ".attributes", record));
  }
  object message_attributes;
  FACEPIPE_ASSIGN(const bool has_message_attributes,
                  object_field(fields, "messageAttributes", path + ".messageAttributes", message_attributes));
  if (has_message_attributes) {
    FACEPIPE_TRY(read_message_attributes(message_attributes, path + ".messageAttributes", record));
  }
  return record;
}

}  // namespace

Result<std::vector<SqsRecord>> parse_sqs_event(std::string_view json) {
  simdjson::dom::parser parser;
  FACEPIPE_ASSIGN(const object root, parse_object(parser, json, "event"));
  array list;
  if (root.at_key("Records").get(list) != simdjson::SUCCESS) {
    return Error{ErrorCode::kInvalidData, "event: expected a batch of SQS messages in \"Records\""};
  }
  std::vector<SqsRecord> records;
  records.reserve(list.size());
  for (const element value : list) {
    const std::string path = "Records[" + std::to_string(records.size()) + "]";
    object fields;
    if (value.get(fields) != simdjson::SUCCESS) {
      return Error{ErrorCode::kInvalidData, path + ": expected an object, got " + std::string(json_type_name(value))};
    }
    FACEPIPE_ASSIGN(SqsRecord record, read_record(fields, path));
    records.push_back(std::move(record));
  }
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
