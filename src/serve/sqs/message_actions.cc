// Actions on messages. Tested by sqs_api_test.cc
#include <algorithm>
#include <functional>
#include <set>

#include "queue/queue_error.h"
#include "queue/validation.h"
#include "serve/sqs/actions.h"
#include "serve/sqs/message_codec.h"
#include "serve/sqs/wire_error.h"

namespace facepipe::serve::sqs {
namespace {

using queue::queue_error;
using queue::QueueErrorKind;
using queue::VisibilityChange;

bool is_entry_id(const std::string& id) {
  return !id.empty() && id.size() <= 80 && std::all_of(id.begin(), id.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '_';
  });
}

// The entries of a batch, each with a good and distinct Id.
Result<Node::List> batch_entries(const Node& parameters) {
  FACEPIPE_ASSIGN(Node::List entries, object_list(parameters, "Entries"));
  FACEPIPE_TRY(queue::validate_batch_size(entries.size()));
  std::set<std::string> ids;
  for (const Node& entry : entries) {
    FACEPIPE_ASSIGN(const std::optional<std::string> id, optional_text(entry, "Id"));
    if (!id || !is_entry_id(*id)) {
      return queue_error(QueueErrorKind::kInvalidBatchEntryId,
                         "A batch entry id can only contain alphanumeric characters, hyphens and underscores. It can "
                         "be at most 80 letters long.");
    }
    if (!ids.insert(*id).second) {
      return queue_error(QueueErrorKind::kBatchEntryIdsNotDistinct, "Id " + *id + " repeated.");
    }
  }
  return entries;
}

Node failed_entry(const std::string& id, const Error& error) {
  const WireError wire = wire_error(error);
  Node node;
  node.add("Id", id);
  node.add("SenderFault", Node(wire.sender_fault));
  node.add("Code", std::string(wire.query_code));
  node.add("Message", wire.message);
  return node;
}

Node batch_result(Node::List successful, Node::List failed) {
  Node node{Node::Object()};
  if (!successful.empty()) {
    node.add("Successful", Node(std::move(successful)));
  }
  if (!failed.empty()) {
    node.add("Failed", Node(std::move(failed)));
  }
  return node;
}

// Runs a batch whose entries may each fail on the way in (`decode`) or in the store (`run`, on those that decoded; one
// result each, in order). `describe` adds to the result of an entry that succeeded.
template <typename Input, typename Output>
Result<Node> run_batch(const Node::List& entries, const std::function<Result<Input>(const Node&)>& decode,
                       const std::function<Result<std::vector<Output>>(const std::vector<Input>&)>& run,
                       const std::function<Node(const Input&, const Output&)>& describe) {
  std::vector<Input> inputs;
  std::vector<std::string> ids;  // of the inputs
  Node::List failed;
  for (const Node& entry : entries) {
    const std::string& id = *entry.find("Id")->text();
    Result<Input> input = decode(entry);
    if (input) {
      inputs.push_back(*std::move(input));
      ids.push_back(id);
    } else {
      failed.push_back(failed_entry(id, input.error()));
    }
  }
  Node::List successful;
  if (!inputs.empty()) {
    FACEPIPE_ASSIGN(const std::vector<Output> outputs, run(inputs));
    for (std::size_t i = 0; i < outputs.size(); ++i) {
      if (outputs[i]) {
        Node node = describe(inputs[i], outputs[i]);
        node.add("Id", ids[i]);
        successful.push_back(std::move(node));
      } else {
        failed.push_back(failed_entry(ids[i], outputs[i].error()));
      }
    }
  }
  return batch_result(std::move(successful), std::move(failed));
}

Result<VisibilityChange> visibility_change(const Node& parameters) {
  VisibilityChange change;
  FACEPIPE_ASSIGN(change.receipt_handle, required_text(parameters, "ReceiptHandle"));
  FACEPIPE_ASSIGN(const std::optional<std::int64_t> timeout, optional_integer(parameters, "VisibilityTimeout"));
  if (!timeout) {
    return queue_error(QueueErrorKind::kMissingParameter, "The request must contain the parameter VisibilityTimeout.");
  }
  change.timeout = std::chrono::seconds(*timeout);
  return change;
}

}  // namespace

Result<Node> send_message(const ActionContext& context, const Node& parameters) {
  FACEPIPE_ASSIGN(const std::string queue, queue_of(context, parameters));
  FACEPIPE_ASSIGN(const queue::OutgoingMessage message, outgoing_message(parameters));
  FACEPIPE_ASSIGN(const auto results, context.store.send_batch(queue, std::span(&message, 1)));
  if (!results.front()) {
    return results.front().error();
  }
  return sent_node(message, *results.front());
}

Result<Node> send_message_batch(const ActionContext& context, const Node& parameters) {
  using Sent = Result<queue::SentMessage>;
  FACEPIPE_ASSIGN(const std::string queue, queue_of(context, parameters));
  FACEPIPE_ASSIGN(const Node::List entries, batch_entries(parameters));
  return run_batch<queue::OutgoingMessage, Sent>(
      entries, outgoing_message, [&](const auto& messages) { return context.store.send_batch(queue, messages); },
      [](const queue::OutgoingMessage& message, const Sent& sent) { return sent_node(message, *sent); });
}

Result<Node> delete_message(const ActionContext& context, const Node& parameters) {
  FACEPIPE_ASSIGN(const std::string queue, queue_of(context, parameters));
  FACEPIPE_ASSIGN(const std::string handle, required_text(parameters, "ReceiptHandle"));
  FACEPIPE_ASSIGN(const std::vector<Status> results, context.store.remove_batch(queue, std::span(&handle, 1)));
  if (!results.front()) {
    return results.front().error();
  }
  return Node(Node::Object());
}

Result<Node> delete_message_batch(const ActionContext& context, const Node& parameters) {
  FACEPIPE_ASSIGN(const std::string queue, queue_of(context, parameters));
  FACEPIPE_ASSIGN(const Node::List entries, batch_entries(parameters));
  return run_batch<std::string, Status>(
      entries, [](const Node& entry) { return required_text(entry, "ReceiptHandle"); },
      [&](const auto& handles) { return context.store.remove_batch(queue, handles); },
      [](const std::string&, const Status&) { return Node(); });
}

Result<Node> change_message_visibility(const ActionContext& context, const Node& parameters) {
  FACEPIPE_ASSIGN(const std::string queue, queue_of(context, parameters));
  FACEPIPE_ASSIGN(const VisibilityChange change, visibility_change(parameters));
  FACEPIPE_ASSIGN(const std::vector<Status> results,
                  context.store.change_visibility_batch(queue, std::span(&change, 1)));
  if (!results.front()) {
    return results.front().error();
  }
  return Node(Node::Object());
}

Result<Node> change_message_visibility_batch(const ActionContext& context, const Node& parameters) {
  FACEPIPE_ASSIGN(const std::string queue, queue_of(context, parameters));
  FACEPIPE_ASSIGN(const Node::List entries, batch_entries(parameters));
  return run_batch<VisibilityChange, Status>(
      entries, visibility_change,
      [&](const auto& changes) { return context.store.change_visibility_batch(queue, changes); },
      [](const VisibilityChange&, const Status&) { return Node(); });
}

}  // namespace facepipe::serve::sqs
