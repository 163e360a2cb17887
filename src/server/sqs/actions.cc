// The table of actions. Tested by sqs_api_test.cc
#include "server/sqs/actions.h"

#include <array>

#include "queue/queue_error.h"

namespace facepipe::server::sqs {
namespace {

using queue::queue_error;
using queue::QueueErrorKind;

using Action = Result<Node> (*)(const ActionContext&, const Node&);
struct Row {
  std::string_view name;
  Action action;  // null: not on this server
};
constexpr std::array kActions{
    Row{"SendMessage", &send_message},
    Row{"SendMessageBatch", &send_message_batch},
    Row{"DeleteMessage", &delete_message},
    Row{"DeleteMessageBatch", &delete_message_batch},
    Row{"ChangeMessageVisibility", &change_message_visibility},
    Row{"ChangeMessageVisibilityBatch", &change_message_visibility_batch},
    Row{"CreateQueue", &create_queue},
    Row{"DeleteQueue", &delete_queue},
    Row{"GetQueueUrl", &get_queue_url},
    Row{"GetQueueAttributes", &get_queue_attributes},
    Row{"SetQueueAttributes", &set_queue_attributes},
    Row{"ListQueues", &list_queues},
    Row{"ListDeadLetterSourceQueues", &list_dead_letter_source_queues},
    Row{"PurgeQueue", &purge_queue},
    Row{"ListQueueTags", &list_queue_tags},
    Row{"TagQueue", &tag_queue},
    Row{"UntagQueue", &untag_queue},
    Row{"AddPermission", nullptr},
    Row{"RemovePermission", nullptr},
    Row{"StartMessageMoveTask", nullptr},
    Row{"CancelMessageMoveTask", nullptr},
    Row{"ListMessageMoveTasks", nullptr},
};

}  // namespace

Result<Node> run_action(const ActionContext& context, std::string_view action, const Node& parameters) {
  for (const Row& row : kActions) {
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

}  // namespace facepipe::server::sqs
