// Names of flattened lists and maps: the SQS API of version 2012-11-05. Tested by protocol_test.cc
#include <array>
#include <map>

#include "base/text.h"
#include "queue/queue_error.h"
#include "queue/validation.h"
#include "serve/sqs/protocol.h"

namespace facepipe::serve::sqs {
namespace {

constexpr std::size_t kMaxParts = 8;
constexpr std::string_view kNamespace = "http://queue.amazonaws.com/doc/2012-11-05/";

// A name of the query protocol and the JSON model's. A list is NAME.1, NAME.2; a map NAME.1.KEY, NAME.1.VALUE.
struct Flattened {
  std::string_view query;
  std::string_view json;
  std::string_view key;    // empty: a list
  std::string_view value;  // with `key`
};
constexpr std::array kRequestNames{
    Flattened{"AttributeName", "AttributeNames", "", ""},
    Flattened{"MessageAttributeName", "MessageAttributeNames", "", ""},
    Flattened{"MessageSystemAttributeName", "MessageSystemAttributeNames", "", ""},
    Flattened{"TagKey", "TagKeys", "", ""},
    Flattened{"SendMessageBatchRequestEntry", "Entries", "", ""},
    Flattened{"DeleteMessageBatchRequestEntry", "Entries", "", ""},
    Flattened{"ChangeMessageVisibilityBatchRequestEntry", "Entries", "", ""},
    Flattened{"Attribute", "Attributes", "Name", "Value"},
    Flattened{"MessageAttribute", "MessageAttributes", "Name", "Value"},
    Flattened{"MessageSystemAttribute", "MessageSystemAttributes", "Name", "Value"},
    Flattened{"Tag", "Tags", "Key", "Value"},
};
constexpr std::array kResultNames{
    Flattened{"Message", "Messages", "", ""},
    Flattened{"QueueUrl", "QueueUrls", "", ""},
    Flattened{"QueueUrl", "queueUrls", "", ""},
    Flattened{"BatchResultErrorEntry", "Failed", "", ""},
    Flattened{"Attribute", "Attributes", "Name", "Value"},
    Flattened{"MessageAttribute", "MessageAttributes", "Name", "Value"},
    Flattened{"Tag", "Tags", "Key", "Value"},
};

Error malformed_form(std::string_view text) {
  return queue::queue_error(queue::QueueErrorKind::kMalformedRequest, text);
}

Error too_many_parameters() {
  return malformed_form("The request has more than " + std::to_string(http::kMaxPairs) + " parameters.");
}

// The form's names split at their dots.
struct Branch {
  std::string text;
  std::map<std::string, Branch, std::less<>> children;
};

Node to_node(const Branch& branch);

// Children by their number; those without one are left out.
std::map<int, const Branch*> numbered(const Branch& branch) {
  std::map<int, const Branch*> items;
  for (const auto& [name, child] : branch.children) {
    if (const auto number = parse_number<int>(name)) {
      items[*number] = &child;
    }
  }
  return items;
}

Node list_node(const Branch& branch) {
  Node::List items;
  if (branch.children.empty()) {
    items.emplace_back(branch.text);  // AttributeName=All, without a number
  }
  for (const auto& [number, item] : numbered(branch)) {
    items.push_back(to_node(*item));
  }
  return Node(std::move(items));
}

Node map_node(const Branch& branch, const Flattened& names) {
  Node::Object members;
  const auto add = [&](const Branch& item) {
    const auto key = item.children.find(names.key);
    const auto value = item.children.find(names.value);
    if (key != item.children.end()) {
      members.emplace_back(key->second.text,
                           value == item.children.end() ? Node(std::string()) : to_node(value->second));
    }
  };
  add(branch);  // Attribute.Name=..., without a number
  for (const auto& [number, item] : numbered(branch)) {
    add(*item);
  }
  return Node(std::move(members));
}

Node to_node(const Branch& branch) {
  if (branch.children.empty()) {
    return Node(branch.text);
  }
  Node::Object members;
  for (const auto& [name, child] : branch.children) {
    const Flattened* flattened = nullptr;
    for (const Flattened& candidate : kRequestNames) {
      flattened = candidate.query == name ? &candidate : flattened;
    }
    if (flattened == nullptr) {
      members.emplace_back(name, to_node(child));
    } else if (flattened->key.empty()) {
      members.emplace_back(flattened->json, list_node(child));
    } else {
      members.emplace_back(flattened->json, map_node(child, *flattened));
    }
  }
  return Node(std::move(members));
}

// Texts are checked on the way in; a store of an earlier release may hold one that XML cannot carry.
void append_escaped(std::string& xml, std::string_view text) {
  if (!queue::is_message_text(text)) {
    return append_escaped(xml, queue::to_message_text(text));
  }
  for (const char c : text) {
    switch (c) {
      case '&':
        xml += "&amp;";
        break;
      case '<':
        xml += "&lt;";
        break;
      case '>':
        xml += "&gt;";
        break;
      case '"':
        xml += "&quot;";
        break;
      case '\r':
        xml += "&#13;";  // a parser would make it a line feed
        break;
      default:
        xml += c;
    }
  }
}

void append_open(std::string& xml, std::string_view name) {
  (xml += '<').append(name) += '>';
}
void append_close(std::string& xml, std::string_view name) {
  (xml += "</").append(name) += '>';
}
void append_element(std::string& xml, std::string_view name, std::string_view text) {
  append_open(xml, name);
  append_escaped(xml, text);
  append_close(xml, name);
}

void append_content(std::string& xml, std::string_view action, const Node& node);

void append_member(std::string& xml, std::string_view action, const std::string& name, const Node& value) {
  Flattened flattened{name, name, "", ""};
  std::string entry;
  for (const Flattened& candidate : kResultNames) {
    flattened = candidate.json == name ? candidate : flattened;
  }
  if (name == "Successful") {
    entry = std::string(action) + "ResultEntry";
    flattened.query = entry;
  }
  if (const Node::List* items = value.list()) {
    for (const Node& item : *items) {
      append_open(xml, flattened.query);
      append_content(xml, action, item);
      append_close(xml, flattened.query);
    }
  } else if (value.object() != nullptr && !flattened.key.empty()) {
    for (const auto& [key, item] : *value.object()) {
      append_open(xml, flattened.query);
      append_element(xml, flattened.key, key);
      append_open(xml, flattened.value);
      append_content(xml, action, item);
      append_close(xml, flattened.value);
      append_close(xml, flattened.query);
    }
  } else {
    append_open(xml, name);
    append_content(xml, action, value);
    append_close(xml, name);
  }
}

void append_content(std::string& xml, std::string_view action, const Node& node) {
  if (const std::string* text = node.text()) {
    append_escaped(xml, *text);
  } else if (const auto* number = std::get_if<std::int64_t>(&node.value())) {
    xml += std::to_string(*number);
  } else if (const auto* truth = std::get_if<bool>(&node.value())) {
    xml += *truth ? "true" : "false";
  } else if (const Node::Object* members = node.object()) {
    for (const auto& [name, value] : *members) {
      append_member(xml, action, name, value);
    }
  }
}

http::Response xml_http(int status, std::string body, const std::string& request_id) {
  http::Response made = http::make_response(status, "text/xml", std::move(body));
  made.headers.emplace_back("x-amzn-requestid", request_id);
  return made;
}

}  // namespace

Result<FormPairs> form_of(const http::Request& request) {
  if (request.body.size() > kMaxFormBytes) {
    return malformed_form("The form is larger than " + std::to_string(kMaxFormBytes) + " bytes.");
  }
  if (http::has_too_many_pairs(request.body) || http::has_too_many_pairs(http::target_query(request.target))) {
    return too_many_parameters();
  }
  FormPairs form = http::query_pairs(request.target);
  FormPairs body = http::form_pairs(request.body);
  form.insert(form.end(), std::make_move_iterator(body.begin()), std::make_move_iterator(body.end()));
  return form;
}

std::string query_action(const FormPairs& form) {
  for (const auto& [name, value] : form) {
    if (name == "Action") {
      return value;
    }
  }
  return {};
}

Result<Node> parse_form(const FormPairs& form) {
  if (form.size() > http::kMaxPairs) {
    return too_many_parameters();
  }
  Branch root;
  for (const auto& [name, value] : form) {
    Branch* branch = &root;
    std::string_view rest(name);
    for (std::size_t parts = 0;; ++parts) {
      if (parts == kMaxParts) {
        return malformed_form("A parameter's name has more than 8 parts.");
      }
      const std::size_t dot = rest.find('.');
      branch = &branch->children[std::string(rest.substr(0, dot))];
      if (dot == std::string_view::npos) {
        break;
      }
      rest.remove_prefix(dot + 1);
    }
    branch->text = value;
  }
  return root.children.empty() ? Node(Node::Object()) : to_node(root);
}

http::Response xml_response(std::string_view action, const Node& result, const std::string& request_id) {
  const std::string name(action);
  std::string xml = "<?xml version=\"1.0\"?><" + name + "Response xmlns=\"" + std::string(kNamespace) + "\">";
  if (result.object() != nullptr && !result.object()->empty()) {
    append_open(xml, name + "Result");
    append_content(xml, action, result);
    append_close(xml, name + "Result");
  }
  append_open(xml, "ResponseMetadata");
  append_element(xml, "RequestId", request_id);
  append_close(xml, "ResponseMetadata");
  append_close(xml, name + "Response");
  return xml_http(200, std::move(xml), request_id);
}

http::Response xml_error(const WireError& error, const std::string& request_id) {
  std::string xml = "<?xml version=\"1.0\"?><ErrorResponse xmlns=\"" + std::string(kNamespace) + "\"><Error>";
  append_element(xml, "Type", error.sender_fault ? "Sender" : "Receiver");
  append_element(xml, "Code", error.query_code);
  append_element(xml, "Message", error.message);
  xml += "<Detail/></Error>";
  append_element(xml, "RequestId", request_id);
  append_close(xml, "ErrorResponse");
  return xml_http(error.status, std::move(xml), request_id);
}

}  // namespace facepipe::serve::sqs
