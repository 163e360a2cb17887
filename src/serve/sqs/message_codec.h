// Messages between the API's structures and the queue's.
#pragma once

#include <vector>

#include "base/result.h"
#include "queue/message.h"
#include "serve/sqs/node.h"
#include "serve/sqs/queue_address.h"

namespace facepipe::serve::sqs {

// MD5OfMessageAttributes: over the attributes in the order of their names, for each: name, type, one byte for the kind
// of value (1 text, 2 bytes), value; every part but that byte is led by its length as 32 bits, big-endian.
// Source: SQS developer guide, "Calculating the MD5 message digest for message attributes". Empty without attributes.
[[nodiscard]] std::string attributes_md5(const queue::MessageAttributes& attributes);

// The message of SendMessage's parameters or of a batch's entry. kMissingParameter, kInvalidParameter.
[[nodiscard]] Result<queue::OutgoingMessage> outgoing_message(const Node& parameters);

// SendMessage's result, without a batch entry's Id.
[[nodiscard]] Node sent_node(const queue::OutgoingMessage& message, const queue::SentMessage& sent);

// What a receiver asked to see.
struct ReceiveSelection {
  std::vector<std::string> system_attributes;   // names, or "All"
  std::vector<std::string> message_attributes;  // names, "prefix.*", "All" or ".*"
};
// kInvalidParameter for a system attribute that does not exist.
[[nodiscard]] Result<ReceiveSelection> receive_selection(const Node& parameters);

// ReceiveMessage's result: {} for no messages.
[[nodiscard]] Node received_node(std::vector<queue::ReceivedMessage> messages, const ReceiveSelection& selection,
                                 const QueueAddresses& addresses);

}  // namespace facepipe::serve::sqs
