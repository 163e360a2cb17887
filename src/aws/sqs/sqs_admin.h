// What an operator asks an SQS endpoint beyond sending and receiving.
#pragma once

#include <map>
#include <vector>

#include "aws/sqs/sqs_queue.h"
#include "base/result.h"

namespace facepipe::aws {

// URLs of every queue that the endpoint shows to the caller, in its order. `endpoint` is any queue of it: only where
// its requests go matters.
[[nodiscard]] Result<std::vector<std::string>> list_queue_urls(SqsQueue& endpoint);
// All attributes of a queue, in SQS's spelling.
[[nodiscard]] Result<std::map<std::string, std::string>> queue_attributes(SqsQueue& endpoint,
                                                                          const std::string& queue_url);
[[nodiscard]] Status purge_queue(SqsQueue& endpoint, const std::string& queue_url);

}  // namespace facepipe::aws
