// The table of actions. Tested by sqs_api_test.cc
#include "serve/sqs/actions.h"

#include <algorithm>
#include <array>

#include "queue/queue_error.h"

namespace facepipe::serve::sqs {
namespace {

using queue::queue_error;
using queue::QueueErrorKind;

using Action = Result<Node> (*)(const ActionContext&, const Node&);
struct NamedAction {
  std::string_view name;
  Action action;  // null: not on this server
};
constexpr std::array kActions{
    NamedAction{"SendMessage", &send_message},
    NamedAction{"SendMessageBatch", &send_message_batch},
    NamedAction{"DeleteMessage", &delete_message},
    NamedAction{"DeleteMessageBatch", &delete_message_batch},
    NamedAction{"ChangeMessageVisibility", &change_message_visibility},
    NamedAction{"ChangeMessageVisibilityBatch", &change_message_visibility_batch},
    NamedAction{"CreateQueue", &create_queue},
    NamedAction{"DeleteQueue", &delete_queue},
    NamedAction{"GetQueueUrl", &get_queue_url},
    NamedAction{"GetQueueAttributes", &get_queue_attributes},
    NamedAction{"SetQueueAttributes", &set_queue_attributes},
    NamedAction{"ListQueues", &list_queues},
    NamedAction{"ListDeadLetterSourceQueues", &list_dead_letter_source_queues},
    NamedAction{"PurgeQueue", &purge_queue},
    NamedAction{"ListQueueTags", &list_queue_tags},
    NamedAction{"TagQueue", &tag_queue},
    NamedAction{"UntagQueue", &untag_queue},
    NamedAction{"AddPermission", nullptr},
    NamedAction{"RemovePermission", nullptr},
    NamedAction{"StartMessageMoveTask", nullptr},
    NamedAction{"CancelMessageMoveTask", nullptr},
    NamedAction{"ListMessageMoveTasks", nullptr},
};

constexpr std::array<std::string_view, 6> kLooks{"GetQueueUrl",   "GetQueueAttributes",
                                                 "ListQueues",    "ListDeadLetterSourceQueues",
                                                 "ListQueueTags", "ListMessageMoveTasks"};

}  // namespace

bool changes_state(std::string_view action) {
  return action == "ReceiveMessage" ||
         (std::find(kLooks.begin(), kLooks.end(), action) == kLooks.end() &&
          std::any_of(kActions.begin(), kActions.end(), [&](const NamedAction& row) { return row.name == action; }));
}

Result<Node> run_action(const ActionContext& context, std::string_view action, const Node& parameters) {
  for (const NamedAction& row : kActions) {
    if (row.name == action) {
      if (row.action != nullptr) {
        return row.action(context, parameters);
      }
      return queue_error(QueueErrorKind::kUnsupportedOperation,
                         "This server does not have the action " + std::string(row.name) + ".");
    }
  }
  return queue_error(QueueErrorKind::kUnknownAction, "The action is not valid for this endpoint.");
}

Result<std::string> queue_of(const ActionContext& context, const Node& parameters) {
  FACEPIPE_ASSIGN(const std::string url, required_text(parameters, "QueueUrl"));
  return context.addresses.queue_of_url(url);
}

}  // namespace facepipe::serve::sqs
