// Tested by protocol_test.cc
#include "serve/sqs/node.h"

#include "base/check.h"
#include "base/text.h"
#include "queue/queue_error.h"

namespace facepipe::serve::sqs {
namespace {

using queue::QueueErrorKind;

Error wrong_type(std::string_view name, std::string_view expected) {
  return queue::queue_error(QueueErrorKind::kMalformedRequest,
                            "The parameter " + std::string(name) + " must be " + std::string(expected) + ".");
}

// Texts as they are, numbers and truth values as JSON writes them: attribute values come as either.
std::optional<std::string> scalar_text(const Node& node) {
  if (const std::string* text = node.text()) {
    return *text;
  }
  if (const auto* number = std::get_if<std::int64_t>(&node.value())) {
    return std::to_string(*number);
  }
  if (const auto* truth = std::get_if<bool>(&node.value())) {
    return *truth ? "true" : "false";
  }
  return std::nullopt;
}

}  // namespace

const Node* Node::find(std::string_view name) const {
  if (const Object* members = object()) {
    for (const Member& member : *members) {
      if (member.first == name && !member.second.is_null()) {
        return &member.second;
      }
    }
  }
  return nullptr;
}

void Node::add(std::string name, Node value) {
  if (is_null()) {
    value_ = Object();
  }
  auto* members = std::get_if<Object>(&value_);
  FACEPIPE_CHECK(members != nullptr);
  members->emplace_back(std::move(name), std::move(value));
}

Result<std::optional<std::string>> optional_text(const Node& node, std::string_view name) {
  const Node* found = node.find(name);
  if (found == nullptr) {
    return std::optional<std::string>();
  }
  if (const std::string* text = found->text()) {
    return std::optional(*text);
  }
  return wrong_type(name, "a string");
}

Result<std::string> required_text(const Node& node, std::string_view name) {
  FACEPIPE_ASSIGN(std::optional<std::string> text, optional_text(node, name));
  if (!text || text->empty()) {
    return queue::queue_error(QueueErrorKind::kMissingParameter,
                              "The request must contain the parameter " + std::string(name) + ".");
  }
  return *std::move(text);
}

Result<std::optional<std::int64_t>> optional_integer(const Node& node, std::string_view name) {
  const Node* found = node.find(name);
  if (found == nullptr) {
    return std::optional<std::int64_t>();
  }
  if (const auto* number = std::get_if<std::int64_t>(&found->value())) {
    return std::optional(*number);
  }
  if (const std::string* text = found->text()) {
    if (const auto number = parse_number<std::int64_t>(*text)) {
      return number;
    }
  }
  return wrong_type(name, "an integer");
}

Result<std::vector<std::string>> text_list(const Node& node, std::string_view name) {
  std::vector<std::string> texts;
  if (const Node* found = node.find(name)) {
    if (found->list() == nullptr) {
      return wrong_type(name, "a list of strings");
    }
    for (const Node& item : *found->list()) {
      if (item.text() == nullptr) {
        return wrong_type(name, "a list of strings");
      }
      texts.push_back(*item.text());
    }
  }
  return texts;
}

Result<std::map<std::string, std::string>> text_map(const Node& node, std::string_view name) {
  std::map<std::string, std::string> texts;
  if (const Node* found = node.find(name)) {
    if (found->object() == nullptr) {
      return wrong_type(name, "a map of strings");
    }
    for (const auto& [key, value] : *found->object()) {
      std::optional<std::string> text = scalar_text(value);
      if (!text) {
        return wrong_type(name, "a map of strings");
      }
      texts[key] = *std::move(text);
    }
  }
  return texts;
}

Result<Node::List> object_list(const Node& node, std::string_view name) {
  const Node* found = node.find(name);
  if (found == nullptr) {
    return Node::List();
  }
  if (found->list() == nullptr) {
    return wrong_type(name, "a list of structures");
  }
  for (const Node& item : *found->list()) {
    if (item.object() == nullptr) {
      return wrong_type(name, "a list of structures");
    }
  }
  return *found->list();
}

}  // namespace facepipe::serve::sqs
