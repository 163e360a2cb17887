// The functions' queues.
#pragma once

#include <string>
#include <string_view>

#include "aws/sqs/opened_queue.h"
#include "base/clock.h"
#include "base/result.h"
#include "config.h"

namespace facepipe::lambda_app {

// The SQS queue of a URL, signed where the configuration has credentials: the environment's alone, which Lambda sets,
// so that no start waits for another source. Nothing is sent yet: a queue that does not exist shows at the first
// message. Errors name `variable`, where the URL came from. The clock outlives the queue.
[[nodiscard]] Result<aws::OpenedQueue> open_queue(std::string_view variable, const std::string& url,
                                                  const Config& config, const Clock& clock);

// The region to sign for: the configured one, else the one in a queue URL of AWS
// (https://sqs.REGION.amazonaws.com/...). kInvalidArgument when there is neither.
[[nodiscard]] Result<std::string> signing_region(const std::string& queue_url, const std::string& configured);

}  // namespace facepipe::lambda_app
