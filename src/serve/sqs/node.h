// The parameters of a request and the result of an action as one tree, the same for both protocols: JSON's shape, with
// the member names of the SQS API's JSON model.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "base/result.h"

namespace facepipe::serve::sqs {

class Node {
 public:
  using List = std::vector<Node>;
  using Member = std::pair<std::string, Node>;
  using Object = std::vector<Member>;  // in the order in which members came
  using Value = std::variant<std::monostate, std::string, std::int64_t, bool, List, Object>;

  Node() = default;  // null
  explicit Node(std::string text) : value_(std::move(text)) {}
  explicit Node(std::int64_t number) : value_(number) {}
  explicit Node(bool truth) : value_(truth) {}
  explicit Node(List items) : value_(std::move(items)) {}
  explicit Node(Object members) : value_(std::move(members)) {}

  [[nodiscard]] const Value& value() const { return value_; }
  [[nodiscard]] bool is_null() const { return std::holds_alternative<std::monostate>(value_); }
  // Null if this is something else.
  [[nodiscard]] const std::string* text() const { return std::get_if<std::string>(&value_); }
  [[nodiscard]] const List* list() const { return std::get_if<List>(&value_); }
  [[nodiscard]] const Object* object() const { return std::get_if<Object>(&value_); }

  // The first member of that name that is not null; nullptr if there is none or this is no object.
  [[nodiscard]] const Node* find(std::string_view name) const;
  // Appends a member. This must be an object (or null: then it becomes one).
  void add(std::string name, Node value);
  void add(std::string name, std::string text) { add(std::move(name), Node(std::move(text))); }

 private:
  Value value_;
};

// Readers of one parameter. kMissingParameter if it must be there and is not (an empty text counts as absent),
// kMalformedRequest if it has another type; both name it.
[[nodiscard]] Result<std::string> required_text(const Node& node, std::string_view name);
[[nodiscard]] Result<std::optional<std::string>> optional_text(const Node& node, std::string_view name);
// Takes a number as text too: the query protocol has nothing else.
[[nodiscard]] Result<std::optional<std::int64_t>> optional_integer(const Node& node, std::string_view name);
[[nodiscard]] Result<std::vector<std::string>> text_list(const Node& node, std::string_view name);  // absent: empty
[[nodiscard]] Result<std::map<std::string, std::string>> text_map(const Node& node, std::string_view name);
[[nodiscard]] Result<Node::List> object_list(const Node& node, std::string_view name);

}  // namespace facepipe::serve::sqs
