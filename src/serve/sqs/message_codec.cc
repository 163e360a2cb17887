// Tested by message_codec_test.cc
#include "serve/sqs/message_codec.h"

#include <algorithm>
#include <array>

#include "base/base64.h"
#include "base/hash.h"
#include "queue/queue_error.h"

namespace facepipe::serve::sqs {
namespace {

using queue::MessageAttribute;
using queue::MessageAttributes;
using queue::queue_error;
using queue::QueueErrorKind;

constexpr std::string_view kTraceHeader = "AWSTraceHeader";

bool is_binary(const MessageAttribute& attribute) {
  return attribute.data_type.starts_with("Binary");
}

void append_part(std::string& digest_input, std::string_view part) {
  const auto size = static_cast<std::uint32_t>(part.size());  // within SQS's limit of 1 MiB
  for (int shift = 24; shift >= 0; shift -= 8) {
    digest_input += static_cast<char>((size >> static_cast<unsigned>(shift)) & 0xffU);
  }
  digest_input += part;
}

Error invalid_parameter(std::string_view text) {
  return queue_error(QueueErrorKind::kInvalidParameter, text);
}

Result<MessageAttribute> message_attribute(const std::string& name, const Node& value) {
  const std::string quoted =
      "The message attribute '" + (name.size() <= 256 ? name : std::string("(name too long)")) + "'";
  FACEPIPE_ASSIGN(const std::optional<std::string> type, optional_text(value, "DataType"));
  FACEPIPE_ASSIGN(const std::optional<std::string> text, optional_text(value, "StringValue"));
  FACEPIPE_ASSIGN(const std::optional<std::string> binary, optional_text(value, "BinaryValue"));
  if (!type || type->empty()) {
    return invalid_parameter(quoted + " must contain a DataType.");
  }
  MessageAttribute attribute{*type, {}};
  const bool wants_binary = is_binary(attribute);
  if (wants_binary ? text.has_value() : binary.has_value()) {
    return invalid_parameter(quoted + " with type '" + type->substr(0, 256) + "' must use field '" +
                             (wants_binary ? "Binary" : "String") + "'.");
  }
  if (binary) {
    const Result<Bytes> bytes = base64_decode(*binary);
    if (!bytes) {
      return invalid_parameter(quoted + " has a BinaryValue that is not base64.");
    }
    attribute.value = std::string(as_text(*bytes));
  } else {
    attribute.value = text.value_or("");
  }
  return attribute;
}

Result<MessageAttributes> message_attributes(const Node& parameters, std::string_view name) {
  MessageAttributes attributes;
  const Node* found = parameters.find(name);
  if (found == nullptr) {
    return attributes;
  }
  if (found->object() == nullptr) {
    return queue_error(QueueErrorKind::kMalformedRequest, "The parameter " + std::string(name) + " must be a map.");
  }
  for (const auto& [key, value] : *found->object()) {
    if (attributes.contains(key)) {
      return invalid_parameter("Message attribute names must be distinct.");
    }
    FACEPIPE_ASSIGN(attributes[key], message_attribute(key, value));
  }
  return attributes;
}

bool selects(const std::vector<std::string>& patterns, const std::string& name) {
  return std::any_of(patterns.begin(), patterns.end(), [&](const std::string& pattern) {
    if (pattern == "All" || pattern == ".*" || pattern == name) {
      return true;
    }
    return pattern.ends_with(".*") && name.starts_with(std::string_view(pattern).substr(0, pattern.size() - 1));
  });
}

std::string epoch_ms(Clock::TimePoint time) {
  return std::to_string(time.time_since_epoch().count());
}

Node system_attributes(const queue::ReceivedMessage& message, const ReceiveSelection& selection,
                       const QueueAddresses& addresses) {
  Node node{Node::Object()};
  const auto add = [&](std::string_view name, std::string value) {
    const auto& wanted = selection.system_attributes;
    const bool asked = std::any_of(wanted.begin(), wanted.end(),
                                   [&](const std::string& each) { return each == "All" || each == name; });
    if (asked && !value.empty()) {
      node.add(std::string(name), std::move(value));
    }
  };
  add("SenderId", addresses.account_id);
  add("SentTimestamp", epoch_ms(message.sent_at));
  add("ApproximateReceiveCount", std::to_string(message.receive_count));
  add("ApproximateFirstReceiveTimestamp", epoch_ms(message.first_received_at));
  add("MessageGroupId", message.group_id);
  add("MessageDeduplicationId", message.deduplication_id);
  add("SequenceNumber", message.sequence_number.value_or(""));
  add(kTraceHeader, message.trace_header);
  add("DeadLetterQueueSourceArn", message.dead_letter_source.empty() ? "" : addresses.arn(message.dead_letter_source));
  return node;
}

Node attributes_node(const MessageAttributes& attributes) {
  Node node{Node::Object()};
  for (const auto& [name, attribute] : attributes) {
    Node value;
    if (is_binary(attribute)) {
      value.add("BinaryValue", base64_encode(as_bytes(attribute.value)));
    } else {
      value.add("StringValue", attribute.value);
    }
    value.add("DataType", attribute.data_type);
    node.add(name, std::move(value));
  }
  return node;
}

}  // namespace

std::string attributes_md5(const MessageAttributes& attributes) {
  if (attributes.empty()) {
    return {};
  }
  std::string input;
  for (const auto& [name, attribute] : attributes) {
    append_part(input, name);
    append_part(input, attribute.data_type);
    input += is_binary(attribute) ? '\2' : '\1';
    append_part(input, attribute.value);
  }
  return md5_hex(as_bytes(input));
}

Result<queue::OutgoingMessage> outgoing_message(const Node& parameters) {
  queue::OutgoingMessage message;
  FACEPIPE_ASSIGN(message.body, required_text(parameters, "MessageBody"));
  FACEPIPE_ASSIGN(const std::optional<std::int64_t> delay, optional_integer(parameters, "DelaySeconds"));
  if (delay) {
    message.delay = std::chrono::seconds(*delay);
  }
  FACEPIPE_ASSIGN(const std::optional<std::string> group_id, optional_text(parameters, "MessageGroupId"));
  FACEPIPE_ASSIGN(const std::optional<std::string> deduplication_id,
                  optional_text(parameters, "MessageDeduplicationId"));
  message.group_id = group_id.value_or("");
  message.deduplication_id = deduplication_id.value_or("");
  FACEPIPE_ASSIGN(message.attributes, message_attributes(parameters, "MessageAttributes"));
  FACEPIPE_ASSIGN(const MessageAttributes system, message_attributes(parameters, "MessageSystemAttributes"));
  for (const auto& [name, attribute] : system) {
    if (name != kTraceHeader || attribute.data_type != "String") {
      return invalid_parameter("The only message system attribute is AWSTraceHeader, of type String.");
    }
    message.trace_header = attribute.value;
  }
  return message;
}

Node sent_node(const queue::OutgoingMessage& message, const queue::SentMessage& sent) {
  Node node;
  node.add("MessageId", sent.message_id);
  node.add("MD5OfMessageBody", md5_hex(as_bytes(message.body)));
  if (!message.attributes.empty()) {
    node.add("MD5OfMessageAttributes", attributes_md5(message.attributes));
  }
  if (!message.trace_header.empty()) {
    node.add("MD5OfMessageSystemAttributes",
             attributes_md5({{std::string(kTraceHeader), {"String", message.trace_header}}}));
  }
  if (sent.sequence_number) {
    node.add("SequenceNumber", *sent.sequence_number);
  }
  return node;
}

Result<ReceiveSelection> receive_selection(const Node& parameters) {
  static constexpr std::array<std::string_view, 10> kNames{"All",
                                                           "SenderId",
                                                           "SentTimestamp",
                                                           "ApproximateReceiveCount",
                                                           "ApproximateFirstReceiveTimestamp",
                                                           "SequenceNumber",
                                                           "MessageDeduplicationId",
                                                           "MessageGroupId",
                                                           kTraceHeader,
                                                           "DeadLetterQueueSourceArn"};
  ReceiveSelection selection;
  FACEPIPE_ASSIGN(selection.system_attributes, text_list(parameters, "AttributeNames"));
  FACEPIPE_ASSIGN(const std::vector<std::string> newer, text_list(parameters, "MessageSystemAttributeNames"));
  selection.system_attributes.insert(selection.system_attributes.end(), newer.begin(), newer.end());
  for (const std::string& name : selection.system_attributes) {
    if (std::find(kNames.begin(), kNames.end(), name) == kNames.end()) {
      return queue_error(QueueErrorKind::kInvalidAttributeName,
                         "Unknown Attribute " + (name.size() <= 64 ? name : std::string("(name too long)")) + ".");
    }
  }
  FACEPIPE_ASSIGN(selection.message_attributes, text_list(parameters, "MessageAttributeNames"));
  return selection;
}

Node received_node(std::vector<queue::ReceivedMessage> messages, const ReceiveSelection& selection,
                   const QueueAddresses& addresses) {
  Node result{Node::Object()};
  Node::List nodes;
  for (queue::ReceivedMessage& message : messages) {
    Node node;
    node.add("MessageId", message.message_id);
    node.add("ReceiptHandle", message.receipt_handle);
    node.add("MD5OfBody", md5_hex(as_bytes(message.body)));
    Node system = system_attributes(message, selection, addresses);
    node.add("Body", std::move(message.body));
    if (!system.object()->empty()) {
      node.add("Attributes", std::move(system));
    }
    MessageAttributes attributes;
    for (auto& [name, attribute] : message.attributes) {
      if (selects(selection.message_attributes, name)) {
        attributes.emplace(name, std::move(attribute));
      }
    }
    if (!attributes.empty()) {
      node.add("MD5OfMessageAttributes", attributes_md5(attributes));
      node.add("MessageAttributes", attributes_node(attributes));
    }
    nodes.push_back(std::move(node));
  }
  if (!nodes.empty()) {
    result.add("Messages", Node(std::move(nodes)));
  }
  return result;
}

}  // namespace facepipe::serve::sqs
