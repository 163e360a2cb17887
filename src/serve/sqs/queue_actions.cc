// Actions on queues. Tested by sqs_api_test.cc
#include <algorithm>

#include "base/base64.h"
#include "queue/queue_error.h"
#include "serve/sqs/actions.h"
#include "serve/sqs/queue_settings.h"

namespace facepipe::serve::sqs {
namespace {

using queue::queue_error;
using queue::QueueErrorKind;

constexpr std::int64_t kMaxPage = 1000;

// One page of sorted names as URLs. The token is the last name of the page before.
Result<Node> url_page(const ActionContext& context, const Node& parameters, const std::vector<std::string>& names,
                      const std::string& member) {
  FACEPIPE_ASSIGN(const std::optional<std::int64_t> limit, optional_integer(parameters, "MaxResults"));
  FACEPIPE_ASSIGN(const std::optional<std::string> token, optional_text(parameters, "NextToken"));
  if (limit && (*limit < 1 || *limit > kMaxPage)) {
    return queue_error(QueueErrorKind::kInvalidParameter,
                       "Value " + std::to_string(*limit) +
                           " for parameter MaxResults is invalid. Reason: Must be between 1 and 1000.");
  }
  auto next = names.begin();
  if (token) {
    const Result<Bytes> last = base64_decode(*token);
    if (!last) {
      return queue_error(QueueErrorKind::kInvalidParameter, "Value for parameter NextToken is invalid.");
    }
    next = std::upper_bound(names.begin(), names.end(), as_text(*last));
  }
  const auto count =
      std::min<std::ptrdiff_t>(names.end() - next, static_cast<std::ptrdiff_t>(limit.value_or(kMaxPage)));
  Node::List urls;
  for (const auto end = next + count; next != end; ++next) {
    urls.emplace_back(context.addresses.url(*next));
  }
  Node node{Node::Object()};
  if (!urls.empty() && limit && next != names.end()) {
    node.add("NextToken", base64_encode(as_bytes(*(next - 1))));
  }
  if (!urls.empty()) {
    node.add(member, Node(std::move(urls)));
  }
  return node;
}

Result<queue::QueueTags> tags_of(const Node& parameters) {
  // CreateQueue spells the member "tags" in JSON, TagQueue "Tags".
  return text_map(parameters, parameters.find("tags") != nullptr ? "tags" : "Tags");
}

Result<Node> url_node(const ActionContext& context, const std::string& name) {
  Node node;
  node.add("QueueUrl", context.addresses.url(name));
  return node;
}

}  // namespace

Result<Node> create_queue(const ActionContext& context, const Node& parameters) {
  FACEPIPE_ASSIGN(const std::string name, required_text(parameters, "QueueName"));
  FACEPIPE_ASSIGN(const AttributeTexts texts, text_map(parameters, "Attributes"));
  FACEPIPE_ASSIGN(const queue::QueueTags tags, tags_of(parameters));
  // For a queue that is there already only the attributes that are given must agree.
  const Result<queue::QueueAttributes> existing = context.store.attributes(name);
  if (!existing && queue::queue_error_kind(existing.error()) != QueueErrorKind::kQueueDoesNotExist) {
    return existing.error();
  }
  FACEPIPE_ASSIGN(const queue::QueueAttributes attributes,
                  with_attributes(existing ? *existing : queue::QueueAttributes{}, texts, context.addresses));
  FACEPIPE_TRY(context.store.create_queue(name, attributes, tags));
  return url_node(context, name);
}

Result<Node> delete_queue(const ActionContext& context, const Node& parameters) {
  FACEPIPE_ASSIGN(const std::string name, queue_of(context, parameters));
  FACEPIPE_TRY(context.store.delete_queue(name));
  return Node(Node::Object());
}

Result<Node> get_queue_url(const ActionContext& context, const Node& parameters) {
  FACEPIPE_ASSIGN(const std::string name, required_text(parameters, "QueueName"));
  FACEPIPE_ASSIGN(const std::optional<std::string> owner, optional_text(parameters, "QueueOwnerAWSAccountId"));
  if (owner && *owner != context.addresses.account_id) {
    return queue_error(QueueErrorKind::kQueueDoesNotExist, "The specified queue does not exist.");
  }
  FACEPIPE_TRY(context.store.attributes(name));
  return url_node(context, name);
}

Result<Node> get_queue_attributes(const ActionContext& context, const Node& parameters) {
  FACEPIPE_ASSIGN(const std::string name, queue_of(context, parameters));
  FACEPIPE_ASSIGN(const std::vector<std::string> names, text_list(parameters, "AttributeNames"));
  FACEPIPE_ASSIGN(const queue::QueueAttributes attributes, context.store.attributes(name));
  FACEPIPE_ASSIGN(const queue::QueueStatistics statistics, context.store.statistics(name));
  FACEPIPE_ASSIGN(Node values, attribute_node(name, attributes, statistics, names, context.addresses));
  Node node{Node::Object()};
  if (!values.object()->empty()) {
    node.add("Attributes", std::move(values));
  }
  return node;
}

Result<Node> set_queue_attributes(const ActionContext& context, const Node& parameters) {
  FACEPIPE_ASSIGN(const std::string name, queue_of(context, parameters));
  FACEPIPE_ASSIGN(const AttributeTexts texts, text_map(parameters, "Attributes"));
  if (texts.empty()) {
    return queue_error(QueueErrorKind::kMissingParameter, "The request must contain the parameter Attribute.Name.");
  }
  FACEPIPE_TRY(context.store.change_attributes(
      name, [&](const queue::QueueAttributes& present) { return with_attributes(present, texts, context.addresses); }));
  return Node(Node::Object());
}

Result<Node> list_queues(const ActionContext& context, const Node& parameters) {
  FACEPIPE_ASSIGN(const std::optional<std::string> prefix, optional_text(parameters, "QueueNamePrefix"));
  FACEPIPE_ASSIGN(const std::vector<std::string> names, context.store.list_queues(prefix.value_or("")));
  return url_page(context, parameters, names, "QueueUrls");
}

Result<Node> list_dead_letter_source_queues(const ActionContext& context, const Node& parameters) {
  FACEPIPE_ASSIGN(const std::string name, queue_of(context, parameters));
  FACEPIPE_ASSIGN(const std::vector<std::string> names, context.store.dead_letter_sources(name));
  FACEPIPE_ASSIGN(Node node, url_page(context, parameters, names, "queueUrls"));
  if (names.empty()) {
    node.add("queueUrls", Node(Node::List()));  // required in this result
  }
  return node;
}

Result<Node> purge_queue(const ActionContext& context, const Node& parameters) {
  FACEPIPE_ASSIGN(const std::string name, queue_of(context, parameters));
  FACEPIPE_TRY(context.store.purge(name));
  return Node(Node::Object());
}

Result<Node> list_queue_tags(const ActionContext& context, const Node& parameters) {
  FACEPIPE_ASSIGN(const std::string name, queue_of(context, parameters));
  FACEPIPE_ASSIGN(const queue::QueueTags tags, context.store.tags(name));
  Node values{Node::Object()};
  for (const auto& [key, value] : tags) {
    values.add(key, value);
  }
  Node node;
  node.add("Tags", std::move(values));
  return node;
}

Result<Node> tag_queue(const ActionContext& context, const Node& parameters) {
  FACEPIPE_ASSIGN(const std::string name, queue_of(context, parameters));
  FACEPIPE_ASSIGN(const queue::QueueTags tags, tags_of(parameters));
  if (tags.empty()) {
    return queue_error(QueueErrorKind::kMissingParameter, "The request must contain the parameter Tags.");
  }
  FACEPIPE_TRY(context.store.change_tags(name, tags, {}));
  return Node(Node::Object());
}

Result<Node> untag_queue(const ActionContext& context, const Node& parameters) {
  FACEPIPE_ASSIGN(const std::string name, queue_of(context, parameters));
  FACEPIPE_ASSIGN(const std::vector<std::string> keys, text_list(parameters, "TagKeys"));
  FACEPIPE_TRY(context.store.change_tags(name, {}, keys));
  return Node(Node::Object());
}

}  // namespace facepipe::serve::sqs
