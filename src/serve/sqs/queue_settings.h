// A queue's attributes between the API's names and texts and the store's struct.
#pragma once

#include <map>

#include "base/result.h"
#include "queue/store/queue_store.h"
#include "serve/sqs/node.h"
#include "serve/sqs/queue_address.h"

namespace facepipe::serve::sqs {

using AttributeTexts = std::map<std::string, std::string>;

// `base` with the given attributes in place of its own. kInvalidAttributeName for an unknown or read-only one,
// kInvalidAttributeValue for a value of the wrong form, kUnsupportedOperation for one that this server does not have
// (Policy, Kms..., RedriveAllowPolicy, high-throughput FIFO) unless the value says "none".
[[nodiscard]] Result<queue::QueueAttributes> with_attributes(const queue::QueueAttributes& base,
                                                             const AttributeTexts& texts,
                                                             const QueueAddresses& addresses);

// What GetQueueAttributes answers for `names` ("All" for all of them), as a map of texts. kInvalidAttributeName for an
// unknown name.
[[nodiscard]] Result<Node> attribute_node(const std::string& queue, const queue::QueueAttributes& attributes,
                                          const queue::QueueStatistics& statistics, std::span<const std::string> names,
                                          const QueueAddresses& addresses);

}  // namespace facepipe::serve::sqs
