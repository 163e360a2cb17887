// The life of a function's environment: take an event, run the handler, answer, again.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>

#include "base/log.h"
#include "base/result.h"
#include "lambda/runtime/runtime_client.h"

namespace facepipe::lambda {

// The response's JSON, or why there is none: an Error fails that invocation and is what the caller sees.
using Handler = std::function<Result<std::string>(const Invocation&)>;

// Lets a stop wait for the invocation under way, and no other begin. Thread-safe.
class InvocationGate {
 public:
  // False once closed. Each true is followed by one leave().
  [[nodiscard]] bool enter();
  void leave();
  // True if nothing runs, or what ran has ended within `grace`.
  [[nodiscard]] bool close(std::chrono::milliseconds grace);

 private:
  std::mutex mutex_;
  std::condition_variable left_;
  bool running_ = false;
  bool closed_ = false;
};

struct LoopOptions {
  int next_attempts = 4;  // in a row, before the loop gives up and the service starts a new environment
  std::chrono::milliseconds next_backoff{50};            // doubled before each further attempt
  std::function<void(std::chrono::milliseconds)> sleep;  // empty: this thread sleeps
};

// Runs until `gate` is closed (success) or the Runtime API stays away (its last error). One invocation at a time:
// - sets _X_AMZN_TRACE_ID for it (so nothing else may read or write the environment meanwhile), or unsets it;
// - a handler's Error (by its error_type), or an exception that strays out of it, fails that invocation and not the
//   environment;
// - a response that the service finds too large fails that invocation by name.
// What could not be posted is logged: the service times that invocation out.
[[nodiscard]] Status run_loop(RuntimeClient& client, const Handler& handler, InvocationGate& gate, Logger& logger,
                              const LoopOptions& options = {});

}  // namespace facepipe::lambda
