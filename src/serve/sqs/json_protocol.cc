// Tested by protocol_test.cc
#include "base/json_reader.h"
#include "base/json_writer.h"
#include "queue/queue_error.h"
#include "serve/sqs/protocol.h"

namespace facepipe::serve::sqs {
namespace {

constexpr std::string_view kTargetPrefix = "AmazonSQS.";
constexpr std::string_view kContentType = "application/x-amz-json-1.0";
// The API's own structures are 5 deep; a batch of ten messages with ten attributes each has under 2,000 signs outside
// its strings.
constexpr JsonRules kRules{.max_bytes = kMaxJsonBytes, .max_structure = 20'000, .max_depth = 16};

Error malformed_json(std::string_view text) {
  return queue::queue_error(queue::QueueErrorKind::kMalformedRequest, text);
}

Node to_node(const JsonValue& value) {
  switch (value.type()) {
    case JsonType::kString:
      return Node(std::string(*value.as_string()));
    case JsonType::kBoolean:
      return Node(*value.as_boolean());
    case JsonType::kNumber:
      // Fractions, and what is past 63 bits, are a text: no parameter takes them.
      return value.as_integer() ? Node(*value.as_integer()) : Node(value.to_json());
    case JsonType::kArray: {
      Node::List items;
      static_cast<void>(value.each_item([&items](const JsonValue& item) {
        items.push_back(to_node(item));
        return Status();
      }));
      return Node(std::move(items));
    }
    case JsonType::kObject: {
      Node::Object members;
      static_cast<void>(value.each_field([&members](std::string_view name, const JsonValue& member) {
        members.emplace_back(std::string(name), to_node(member));
        return Status();
      }));
      return Node(std::move(members));
    }
    case JsonType::kNull:
    case JsonType::kAbsent:
      break;
  }
  return Node();
}

void write(JsonWriter& writer, const Node& node) {
  if (const std::string* text = node.text()) {
    writer.string(*text);
  } else if (const auto* number = std::get_if<std::int64_t>(&node.value())) {
    writer.integer(*number);
  } else if (const auto* truth = std::get_if<bool>(&node.value())) {
    writer.boolean(*truth);
  } else if (const Node::List* items = node.list()) {
    writer.begin_array();
    for (const Node& item : *items) {
      write(writer, item);
    }
    writer.end_array();
  } else {
    writer.begin_object();
    if (const Node::Object* members = node.object()) {
      for (const auto& [name, value] : *members) {
        writer.key(name);
        write(writer, value);
      }
    }
    writer.end_object();
  }
}

http::Response json_http(int status, std::string body, const std::string& request_id) {
  http::Response response = http::make_response(status, kContentType, std::move(body));
  response.headers.emplace_back("x-amzn-requestid", request_id);
  return response;
}

}  // namespace

std::string_view json_action(const http::Request& request) {
  const std::string_view target = http::header(request.headers, "x-amz-target");
  return target.starts_with(kTargetPrefix) ? target.substr(kTargetPrefix.size()) : target;
}

Result<Node> parse_json(std::string_view text) {
  if (text.empty()) {
    return Node(Node::Object());
  }
  const auto document = JsonDocument::parse_object(text, kRules);
  if (!document) {
    return document.error().code == ErrorCode::kTooLarge
               ? malformed_json("The request is not taken: " + document.error().message + ".")
               : malformed_json("The request is not a JSON object.");
  }
  return to_node(document->root());
}

http::Response json_response(const Node& result, const std::string& request_id) {
  JsonWriter writer;
  write(writer, result);
  return json_http(200, std::move(writer).text(), request_id);
}

http::Response json_error(const WireError& error, const std::string& request_id) {
  JsonWriter writer;
  writer.begin_object().key("__type").string(error.json_type).key("message").string(error.message).end_object();
  http::Response made = json_http(error.status, std::move(writer).text(), request_id);
  made.headers.emplace_back("x-amzn-query-error",
                            std::string(error.query_code) + (error.sender_fault ? ";Sender" : ";Receiver"));
  return made;
}

}  // namespace facepipe::serve::sqs
