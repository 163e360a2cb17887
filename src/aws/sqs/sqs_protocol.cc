// Tested by sqs_queue_test.cc. The shapes are those of the API reference "Amazon SQS, 2012-11-05, AWS JSON protocol".
#include "aws/sqs/sqs_protocol.h"

#include <algorithm>
#include <functional>

#include "base/base64.h"
#include "base/json_reader.h"
#include "base/json_writer.h"
#include "base/text.h"

namespace facepipe::aws {
namespace {

using queue::MessageAttribute;
using queue::OutgoingMessage;
using queue::ReceivedMessage;

// Empty where there is none.
std::string text_of(const JsonValue& object, std::string_view field) {
  return std::string(object[field].as_string().value_or(std::string_view()));
}

Error missing(std::string_view field) {
  return Error{ErrorCode::kInvalidData, "SQS response: expected a field " + std::string(field)};
}

void write_attribute(JsonWriter& json, const MessageAttribute& attribute) {
  json.begin_object().key("DataType").string(attribute.data_type);
  if (attribute.data_type.starts_with("Binary")) {
    json.key("BinaryValue").base64(as_bytes(attribute.value));
  } else {
    json.key("StringValue").string(attribute.value);
  }
  json.end_object();
}

// The members that SendMessage and an entry of SendMessageBatch share.
void write_message(JsonWriter& json, const OutgoingMessage& message) {
  json.key("MessageBody").string(message.body);
  if (message.delay) {
    json.key("DelaySeconds").integer(message.delay->count());
  }
  if (!message.group_id.empty()) {
    json.key("MessageGroupId").string(message.group_id);
  }
  if (!message.deduplication_id.empty()) {
    json.key("MessageDeduplicationId").string(message.deduplication_id);
  }
  if (!message.attributes.empty()) {
    json.key("MessageAttributes").begin_object();
    for (const auto& [name, attribute] : message.attributes) {
      json.key(name);
      write_attribute(json, attribute);
    }
    json.end_object();
  }
  if (!message.trace_header.empty()) {
    json.key("MessageSystemAttributes").begin_object().key("AWSTraceHeader");
    write_attribute(json, {"String", message.trace_header});
    json.end_object();
  }
}

Result<SentReply> sent_of(const JsonValue& object) {
  SentReply reply{{text_of(object, "MessageId"), {}}, text_of(object, "MD5OfMessageBody")};
  if (reply.sent.message_id.empty() || reply.body_md5.empty()) {
    return missing(reply.sent.message_id.empty() ? "MessageId" : "MD5OfMessageBody");
  }
  if (const std::string number = text_of(object, "SequenceNumber"); !number.empty()) {
    reply.sent.sequence_number = number;
  }
  return reply;
}

std::int64_t number_in(const std::string& text) {
  return parse_number<std::int64_t>(text).value_or(0);
}

Clock::TimePoint time_in(const std::string& text) {
  return Clock::TimePoint(std::chrono::milliseconds(number_in(text)));
}

void read_system_attributes(const JsonValue& attributes, ReceivedMessage& message) {
  message.receive_count = static_cast<int>(
      std::clamp<std::int64_t>(number_in(text_of(attributes, "ApproximateReceiveCount")), 0, 1'000'000));
  message.sent_at = time_in(text_of(attributes, "SentTimestamp"));
  message.first_received_at = time_in(text_of(attributes, "ApproximateFirstReceiveTimestamp"));
  message.group_id = text_of(attributes, "MessageGroupId");
  message.deduplication_id = text_of(attributes, "MessageDeduplicationId");
  message.trace_header = text_of(attributes, "AWSTraceHeader");
  if (const std::string number = text_of(attributes, "SequenceNumber"); !number.empty()) {
    message.sequence_number = number;
  }
}

Status read_attributes(const JsonValue& attributes, ReceivedMessage& message) {
  return attributes.each_field([&message](std::string_view name, const JsonValue& value) -> Status {
    MessageAttribute attribute{text_of(value, "DataType"), text_of(value, "StringValue")};
    if (attribute.data_type.starts_with("Binary")) {
      FACEPIPE_ASSIGN(const Bytes bytes, base64_decode(text_of(value, "BinaryValue")));
      attribute.value = as_text(bytes);
    }
    message.attributes.emplace(std::string(name), std::move(attribute));
    return {};
  });
}

Result<ReceivedMessage> received_of(const JsonValue& object) {
  ReceivedMessage message;
  message.message_id = text_of(object, "MessageId");
  message.receipt_handle = text_of(object, "ReceiptHandle");
  if (message.message_id.empty() || message.receipt_handle.empty()) {
    return missing(message.message_id.empty() ? "MessageId" : "ReceiptHandle");
  }
  const auto body = object["Body"].as_string();
  if (!body) {
    return missing("Body");
  }
  message.body = *body;
  if (const JsonValue attributes = object["Attributes"]) {
    read_system_attributes(attributes, message);
  }
  if (const JsonValue attributes = object["MessageAttributes"]; attributes.type() == JsonType::kObject) {
    FACEPIPE_TRY(read_attributes(attributes, message));
  }
  return message;
}

Result<std::size_t> index_of(const JsonValue& entry, std::size_t count) {
  const std::string id = text_of(entry, "Id");
  const auto index = parse_number<std::size_t>(id);
  if (!index || *index >= count) {
    return Error{ErrorCode::kInvalidData, "SQS response: a batch entry that was not sent"};
  }
  return *index;
}

Result<JsonDocument> parse(std::string_view json) {
  auto document = JsonDocument::parse_object(json, {});
  return document ? std::move(document) : Error{ErrorCode::kInvalidData, "SQS response: expected a JSON object"};
}

// Calls `take` for each item of a list; what is no list, or absent, has none.
Status each_of(const JsonValue& list, const std::function<Status(const JsonValue&)>& take) {
  return list.type() == JsonType::kArray ? list.each_item(take) : Status();
}

// Where a writer has begun an object with the queue's URL.
JsonWriter begin_request(const std::string& queue_url) {
  JsonWriter json;
  json.begin_object().key("QueueUrl").string(queue_url);
  return json;
}

}  // namespace

std::string send_body(const std::string& queue_url, const OutgoingMessage& message) {
  JsonWriter json = begin_request(queue_url);
  write_message(json, message);
  json.end_object();
  return std::move(json).text();
}

std::string send_batch_body(const std::string& queue_url, std::span<const OutgoingMessage> messages) {
  JsonWriter json = begin_request(queue_url);
  json.key("Entries").begin_array();
  for (std::size_t i = 0; i < messages.size(); ++i) {
    json.begin_object().key("Id").string(std::to_string(i));
    write_message(json, messages[i]);
    json.end_object();
  }
  json.end_array().end_object();
  return std::move(json).text();
}

std::string receive_body(const std::string& queue_url, const queue::ReceiveOptions& options) {
  JsonWriter json = begin_request(queue_url);
  json.key("MaxNumberOfMessages").integer(options.max_messages).key("WaitTimeSeconds").integer(options.wait.count());
  if (options.visibility_timeout) {
    json.key("VisibilityTimeout").integer(options.visibility_timeout->count());
  }
  // The older name too: not every SQS-compatible server knows the newer one.
  for (const char* name : {"AttributeNames", "MessageSystemAttributeNames", "MessageAttributeNames"}) {
    json.key(name).begin_array().string("All").end_array();
  }
  json.end_object();
  return std::move(json).text();
}

std::string delete_body(const std::string& queue_url, const std::string& receipt_handle) {
  JsonWriter json = begin_request(queue_url);
  json.key("ReceiptHandle").string(receipt_handle).end_object();
  return std::move(json).text();
}

std::string delete_batch_body(const std::string& queue_url, std::span<const std::string> receipt_handles) {
  JsonWriter json = begin_request(queue_url);
  json.key("Entries").begin_array();
  for (std::size_t i = 0; i < receipt_handles.size(); ++i) {
    json.begin_object()
        .key("Id")
        .string(std::to_string(i))
        .key("ReceiptHandle")
        .string(receipt_handles[i])
        .end_object();
  }
  json.end_array().end_object();
  return std::move(json).text();
}

std::string change_visibility_body(const std::string& queue_url, const std::string& receipt_handle,
                                   std::chrono::seconds timeout) {
  JsonWriter json = begin_request(queue_url);
  json.key("ReceiptHandle").string(receipt_handle).key("VisibilityTimeout").integer(timeout.count()).end_object();
  return std::move(json).text();
}

Result<SentReply> parse_sent(std::string_view json) {
  FACEPIPE_ASSIGN(const JsonDocument answer, parse(json));
  return sent_of(answer.root());
}

Result<std::vector<ReceivedMessage>> parse_received(std::string_view json) {
  FACEPIPE_ASSIGN(const JsonDocument answer, parse(json));
  std::vector<ReceivedMessage> messages;
  FACEPIPE_TRY(each_of(answer["Messages"], [&messages](const JsonValue& entry) -> Status {
    FACEPIPE_ASSIGN(ReceivedMessage message, received_of(entry));
    messages.push_back(std::move(message));
    return {};
  }));
  return messages;
}

Result<std::vector<BatchEntry>> parse_batch(std::string_view json, std::size_t count) {
  FACEPIPE_ASSIGN(const JsonDocument answer, parse(json));
  std::vector<BatchEntry> entries;
  std::vector<bool> seen(count);
  const auto add = [&](const JsonValue& entry) -> Result<BatchEntry*> {
    FACEPIPE_ASSIGN(const std::size_t index, index_of(entry, count));
    if (seen[index]) {
      return Error{ErrorCode::kInvalidData, "SQS response: a batch entry named twice"};
    }
    seen[index] = true;
    entries.push_back({index, std::nullopt, std::nullopt});
    return &entries.back();
  };
  FACEPIPE_TRY(each_of(answer["Successful"], [&add](const JsonValue& entry) -> Status {
    FACEPIPE_ASSIGN(BatchEntry * added, add(entry));
    if (auto sent = sent_of(entry)) {
      added->sent = std::move(sent).value();
    }
    return {};
  }));
  FACEPIPE_TRY(each_of(answer["Failed"], [&add](const JsonValue& entry) -> Status {
    FACEPIPE_ASSIGN(BatchEntry * added, add(entry));
    // Absent: treated as the server's, which is tried again.
    const bool sender_fault = entry["SenderFault"].as_boolean().value_or(false);
    const std::string code = text_of(entry, "Code");
    added->error = sqs_error(code, sender_fault ? 400 : 500, code + ": " + first_line(text_of(entry, "Message")));
    return {};
  }));
  if (entries.size() != count) {
    return Error{ErrorCode::kInvalidData, "SQS response: expected " + std::to_string(count) + " batch entries, got " +
                                              std::to_string(entries.size())};
  }
  return entries;
}

}  // namespace facepipe::aws
