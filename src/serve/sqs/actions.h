// The actions of the SQS API, each from parameters to result. ReceiveMessage, which may wait, is sqs_api.cc's.
#pragma once

#include "base/result.h"
#include "queue/store/queue_store.h"
#include "serve/sqs/node.h"
#include "serve/sqs/queue_address.h"

namespace facepipe::serve::sqs {

struct ActionContext {
  queue::QueueStore& store;
  QueueAddresses addresses;
};

// Blocks for as long as the store needs. kUnknownAction for what is no action of SQS, kUnsupportedOperation for one
// that this server does not have.
[[nodiscard]] Result<Node> run_action(const ActionContext& context, std::string_view action, const Node& parameters);

// Whether it is an action that does more than look (ReceiveMessage hides what it gives). False for unknown names.
[[nodiscard]] bool changes_state(std::string_view action);

// The queue that the parameter QueueUrl names.
[[nodiscard]] Result<std::string> queue_of(const ActionContext& context, const Node& parameters);

// --- message_actions.cc
[[nodiscard]] Result<Node> send_message(const ActionContext& context, const Node& parameters);
[[nodiscard]] Result<Node> send_message_batch(const ActionContext& context, const Node& parameters);
[[nodiscard]] Result<Node> delete_message(const ActionContext& context, const Node& parameters);
[[nodiscard]] Result<Node> delete_message_batch(const ActionContext& context, const Node& parameters);
[[nodiscard]] Result<Node> change_message_visibility(const ActionContext& context, const Node& parameters);
[[nodiscard]] Result<Node> change_message_visibility_batch(const ActionContext& context, const Node& parameters);

// --- queue_actions.cc
[[nodiscard]] Result<Node> create_queue(const ActionContext& context, const Node& parameters);
[[nodiscard]] Result<Node> delete_queue(const ActionContext& context, const Node& parameters);
[[nodiscard]] Result<Node> get_queue_url(const ActionContext& context, const Node& parameters);
[[nodiscard]] Result<Node> get_queue_attributes(const ActionContext& context, const Node& parameters);
[[nodiscard]] Result<Node> set_queue_attributes(const ActionContext& context, const Node& parameters);
[[nodiscard]] Result<Node> list_queues(const ActionContext& context, const Node& parameters);
[[nodiscard]] Result<Node> list_dead_letter_source_queues(const ActionContext& context, const Node& parameters);
[[nodiscard]] Result<Node> purge_queue(const ActionContext& context, const Node& parameters);
[[nodiscard]] Result<Node> list_queue_tags(const ActionContext& context, const Node& parameters);
[[nodiscard]] Result<Node> tag_queue(const ActionContext& context, const Node& parameters);
[[nodiscard]] Result<Node> untag_queue(const ActionContext& context, const Node& parameters);

}  // namespace facepipe::serve::sqs
