// One function, loaded and ready for events.
#pragma once

#include <functional>
#include <memory>

#include "base/clock.h"
#include "base/log.h"
#include "base/result.h"
#include "config.h"
#include "lambda/runtime/loop.h"

namespace facepipe::lambda_app {

class Function {
 public:
  virtual ~Function() = default;
  [[nodiscard]] virtual Result<std::string> handle(const lambda::Invocation& invocation) = 0;
};

// Loads what the configured stage needs. Errors name the file, queue or setting. The clock and the logger outlive the
// function; metric lines go to `metric_sink` unless the configuration turns them off.
[[nodiscard]] Result<std::unique_ptr<Function>> make_function(const Config& config, const Clock& clock, Logger& logger,
                                                              std::function<void(std::string_view)> metric_sink);

}  // namespace facepipe::lambda_app
