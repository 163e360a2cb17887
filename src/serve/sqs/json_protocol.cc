// Reading is simdjson's. Tested by protocol_test.cc
#include "serve/sqs/json_protocol.h"

#include <simdjson.h>

#include "base/json_writer.h"
#include "queue/queue_error.h"

namespace facepipe::serve::sqs {
namespace {

constexpr std::string_view kTargetPrefix = "AmazonSQS.";
constexpr std::string_view kContentType = "application/x-amz-json-1.0";
constexpr int kMaxDepth = 16;  // the API's own structures are 5 deep
// Values, names and brackets of one request; a batch of ten messages with ten attributes each has under 1,000.
constexpr std::size_t kMaxJsonParts = 10'000;

Error malformed_json(std::string_view text) {
  return queue::queue_error(queue::QueueErrorKind::kMalformedRequest, text);
}

// Whether the text outside its strings holds more signs that part values than kMaxJsonParts: asked before the parser,
// whose memory grows with them, sees it.
bool has_too_many_parts(std::string_view text) {
  std::size_t parts = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '"') {
      in_string = !in_string;
    } else if (in_string) {
      i += c == '\\' ? 1U : 0U;
    } else if ((c == ',' || c == ':' || c == '[' || c == '{') && ++parts > kMaxJsonParts) {
      return true;
    }
  }
  return false;
}

Result<Node> to_node(simdjson::dom::element element, int depth) {
  if (depth > kMaxDepth) {
    return malformed_json("The request is nested too deeply.");
  }
  switch (element.type()) {
    case simdjson::dom::element_type::STRING:
      return Node(std::string(std::string_view(element)));
    case simdjson::dom::element_type::INT64:
      return Node(std::int64_t(element));
    case simdjson::dom::element_type::BOOL:
      return Node(bool(element));
    case simdjson::dom::element_type::NULL_VALUE:
      return Node();
    case simdjson::dom::element_type::UINT64:
      return Node(std::to_string(std::uint64_t(element)));  // past 63 bits: no parameter takes it
    case simdjson::dom::element_type::DOUBLE:
      return Node(std::to_string(double(element)));  // likewise
    case simdjson::dom::element_type::ARRAY: {
      Node::List items;
      for (const simdjson::dom::element item : simdjson::dom::array(element)) {
        FACEPIPE_ASSIGN(Node node, to_node(item, depth + 1));
        items.push_back(std::move(node));
      }
      return Node(std::move(items));
    }
    case simdjson::dom::element_type::OBJECT: {
      Node::Object members;
      for (const auto& [key, value] : simdjson::dom::object(element)) {
        FACEPIPE_ASSIGN(Node node, to_node(value, depth + 1));
        members.emplace_back(std::string(key), std::move(node));
      }
      return Node(std::move(members));
    }
  }
  return malformed_json("The request is not valid JSON.");
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
  if (text.size() > kMaxJsonBytes || has_too_many_parts(text)) {
    return malformed_json("The request has more than " + std::to_string(kMaxJsonBytes) + " bytes or " +
                          std::to_string(kMaxJsonParts) + " values.");
  }
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  if (parser.parse(text.data(), text.size()).get(root) != simdjson::SUCCESS || !root.is_object()) {
    return malformed_json("The request is not a JSON object.");
  }
  return to_node(root, 0);
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
