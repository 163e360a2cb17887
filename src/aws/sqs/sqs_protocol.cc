// Tested by sqs_queue_test.cc. The shapes are those of the API reference "Amazon SQS, 2012-11-05, AWS JSON protocol".
#include "aws/sqs/sqs_protocol.h"

#include <simdjson.h>

#include <algorithm>
#include <charconv>
#include <utility>

#include "aws/signing/text.h"
#include "base/base64.h"
#include "base/json_writer.h"

namespace facepipe::aws {
namespace {

using queue::MessageAttribute;
using queue::OutgoingMessage;
using queue::ReceivedMessage;
using queue::SentMessage;
using simdjson::dom::element;

std::string text_of(element object, std::string_view field) {
  std::string_view text;
  return object[field].get_string().get(text) == simdjson::SUCCESS ? std::string(text) : std::string();
}

Error missing(std::string_view field) {
  return Error{ErrorCode::kInvalidData, "SQS response: expected a field " + std::string(field)};
}

void write_attribute(JsonWriter& json, const MessageAttribute& attribute) {
  json.begin_object().key("DataType").string(attribute.data_type);
  if (attribute.data_type.starts_with("Binary")) {
    json.key("BinaryValue").string(base64_encode(as_bytes(attribute.value)));
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

Result<SentMessage> sent_of(element object) {
  SentMessage sent;
  sent.message_id = text_of(object, "MessageId");
  sent.body_md5 = text_of(object, "MD5OfMessageBody");
  if (sent.message_id.empty() || sent.body_md5.empty()) {
    return missing(sent.message_id.empty() ? "MessageId" : "MD5OfMessageBody");
  }
  if (const std::string number = text_of(object, "SequenceNumber"); !number.empty()) {
    sent.sequence_number = number;
  }
  return sent;
}

std::int64_t number_in(const std::string& text) {
  std::int64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

Clock::TimePoint time_in(const std::string& text) {
  return Clock::TimePoint(std::chrono::milliseconds(number_in(text)));
}

void read_system_attributes(element attributes, ReceivedMessage& message) {
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

Status read_attributes(simdjson::dom::object attributes, ReceivedMessage& message) {
  for (const auto& [name, value] : attributes) {
    MessageAttribute attribute{text_of(value, "DataType"), text_of(value, "StringValue")};
    if (attribute.data_type.starts_with("Binary")) {
      FACEPIPE_ASSIGN(const Bytes bytes, base64_decode(text_of(value, "BinaryValue")));
      attribute.value = as_text(bytes);
    }
    message.attributes.emplace(std::string(name), std::move(attribute));
  }
  return {};
}

Result<ReceivedMessage> received_of(element object) {
  ReceivedMessage message;
  message.message_id = text_of(object, "MessageId");
  message.receipt_handle = text_of(object, "ReceiptHandle");
  if (message.message_id.empty() || message.receipt_handle.empty()) {
    return missing(message.message_id.empty() ? "MessageId" : "ReceiptHandle");
  }
  std::string_view body;
  if (object["Body"].get_string().get(body) != simdjson::SUCCESS) {
    return missing("Body");
  }
  message.body = body;
  if (element attributes; object["Attributes"].get(attributes) == simdjson::SUCCESS) {
    read_system_attributes(attributes, message);
  }
  if (simdjson::dom::object attributes; object["MessageAttributes"].get_object().get(attributes) == simdjson::SUCCESS) {
    FACEPIPE_TRY(read_attributes(attributes, message));
  }
  return message;
}

Result<std::size_t> index_of(element entry, std::size_t count) {
  const std::string id = text_of(entry, "Id");
  std::size_t index = 0;
  const auto [end, error] = std::from_chars(id.data(), id.data() + id.size(), index);
  if (id.empty() || error != std::errc{} || end != id.data() + id.size() || index >= count) {
    return Error{ErrorCode::kInvalidData, "SQS response: a batch entry that was not sent"};
  }
  return index;
}

Result<element> parse(simdjson::dom::parser& parser, std::string_view json) {
  element root;
  if (parser.parse(json.data(), json.size()).get(root) != simdjson::SUCCESS || !root.is_object()) {
    return Error{ErrorCode::kInvalidData, "SQS response: expected a JSON object"};
  }
  return root;
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

Result<SentMessage> parse_sent(std::string_view json) {
  simdjson::dom::parser parser;
  FACEPIPE_ASSIGN(const element root, parse(parser, json));
  return sent_of(root);
}

Result<std::vector<ReceivedMessage>> parse_received(std::string_view json) {
  simdjson::dom::parser parser;
  FACEPIPE_ASSIGN(const element root, parse(parser, json));
  std::vector<ReceivedMessage> messages;
  simdjson::dom::array list;
  if (root["Messages"].get_array().get(list) != simdjson::SUCCESS) {
    return messages;  // none
  }
  for (const element entry : list) {
    FACEPIPE_ASSIGN(ReceivedMessage message, received_of(entry));
    messages.push_back(std::move(message));
  }
  return messages;
}

Result<std::vector<BatchEntry>> parse_batch(std::string_view json, std::size_t count) {
  simdjson::dom::parser parser;
  FACEPIPE_ASSIGN(const element root, parse(parser, json));
  std::vector<BatchEntry> entries;
  std::vector<bool> seen(count);
  const auto add = [&](element entry) -> Result<BatchEntry*> {
    FACEPIPE_ASSIGN(const std::size_t index, index_of(entry, count));
    if (seen[index]) {
      return Error{ErrorCode::kInvalidData, "SQS response: a batch entry named twice"};
    }
    seen[index] = true;
    entries.push_back({index, std::nullopt, std::nullopt});
    return &entries.back();
  };
  simdjson::dom::array list;
  if (root["Successful"].get_array().get(list) == simdjson::SUCCESS) {
    for (const element entry : list) {
      FACEPIPE_ASSIGN(BatchEntry * added, add(entry));
      if (auto sent = sent_of(entry)) {
        added->sent = std::move(sent).value();
      }
    }
  }
  if (root["Failed"].get_array().get(list) == simdjson::SUCCESS) {
    for (const element entry : list) {
      FACEPIPE_ASSIGN(BatchEntry * added, add(entry));
      bool sender_fault = false;
      if (entry["SenderFault"].get_bool().get(sender_fault) != simdjson::SUCCESS) {
        sender_fault = false;  // absent: treated as the server's, which is tried again
      }
      const std::string code = text_of(entry, "Code");
      added->error = sqs_error(code, sender_fault ? 400 : 500, code + ": " + first_line(text_of(entry, "Message")));
    }
  }
  if (entries.size() != count) {
    return Error{ErrorCode::kInvalidData, "SQS response: expected " + std::to_string(count) + " batch entries, got " +
                                              std::to_string(entries.size())};
  }
  return entries;
}

}  // namespace facepipe::aws
