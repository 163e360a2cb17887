// SIGTERM before an environment ends. The service sends it only to functions with an extension registered, so the
// program registers one of its own that takes no events.
// Source: AWS Lambda Developer Guide, "Lambda Extensions API" and "Understanding the execution environment lifecycle".
#pragma once

#include <chrono>
#include <functional>
#include <memory>

#include "base/log.h"
#include "base/result.h"

namespace facepipe::lambda {

// Waits for SIGTERM, SIGINT or SIGHUP, blocked before (base/stop_signals.h), on a thread of its own, then calls `stop`
// there, once. The thread lives as long as the process.
void on_stop_signal(std::function<void(int signal)> stop);

// Registers the internal extension and keeps it waiting for events that never come, which is what the service wants of
// an extension before it calls the environment ready. All on a thread of its own, so that the start is not delayed.
class ShutdownExtension {
 public:
  // `api`: AWS_LAMBDA_RUNTIME_API. The logger outlives the process's last thread. Where the API has no extensions, or
  // refuses this one, that is logged at debug level and nothing else happens.
  static ShutdownExtension start(std::string_view api, Logger& logger);

  // Registration is only possible before the runtime asks for its first invocation: so wait here before that. False
  // when refused or not known within `limit`.
  [[nodiscard]] bool wait_registered(std::chrono::milliseconds limit) const;

 private:
  struct State;
  explicit ShutdownExtension(std::shared_ptr<State> state);
  std::shared_ptr<State> state_;  // shared with the thread, which outlives this object
};

}  // namespace facepipe::lambda
