// The functions' queues.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "config.h"
#include "queue/message_queue.h"

namespace facepipe::lambda_app {

// The SQS queue of a URL. Nothing is sent yet: a queue that does not exist shows at the first message. Errors name
// `variable`, where the URL came from.
[[nodiscard]] Result<std::unique_ptr<queue::MessageQueue>> open_queue(std::string_view variable, const std::string& url,
                                                                      const Config& config);

}  // namespace facepipe::lambda_app
