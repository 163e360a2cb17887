// Tested by loop_test.cc against a scripted Runtime API.
#include "lambda/runtime/loop.h"

#include <cstdlib>
#include <exception>

#include "base/retry.h"

namespace facepipe::lambda {
namespace {

using std::chrono::milliseconds;

// Where X-Ray's clients look for the trace that their segments belong to.
constexpr const char* kTraceVariable = "_X_AMZN_TRACE_ID";

void set_trace(const std::string& trace_id) {
  if (trace_id.empty()) {
    unsetenv(kTraceVariable);
  } else {
    setenv(kTraceVariable, trace_id.c_str(), 1);
  }
}

class GateEntry {  // leaves what was entered, whichever way the scope ends
 public:
  explicit GateEntry(InvocationGate& gate) : gate_(gate) {}
  GateEntry(const GateEntry&) = delete;
  GateEntry& operator=(const GateEntry&) = delete;
  ~GateEntry() { gate_.leave(); }

 private:
  InvocationGate& gate_;
};

// The next invocation, after as many attempts as the options allow.
Result<Invocation> take_next(RuntimeClient& client, Logger& logger, const LoopOptions& options) {
  const auto tell = [&logger](const Error& error) {
    logger.warning("next_failed", {{"error", std::string_view(error.message)}});
    return true;  // tried again, whatever it is
  };
  return retry(
      {.max_attempts = options.next_attempts, .base = options.next_backoff}, without_jitter(options.sleep),
      [&client] { return client.next(); }, tell);
}

Result<std::string> call_handler(const Handler& handler, const Invocation& invocation, Logger& logger) {
  // The text of a stray exception goes to the log, never to the caller: nobody vouches for what it holds.
  try {
    return handler(invocation);
  } catch (const std::exception& stray) {
    logger.error("handler_threw", {{"what", std::string_view(stray.what()).substr(0, 200)}});
  } catch (...) {
    logger.error("handler_threw", {{"what", std::string_view("not a std::exception")}});
  }
  return Error{ErrorCode::kInternal, "the handler ended with an exception"};
}

void answer(RuntimeClient& client, const Invocation& invocation, Result<std::string> result, Logger& logger) {
  std::optional<Error> failure;
  Status posted;
  if (result) {
    const std::size_t size = result->size();
    posted = client.post_response(invocation.request_id, std::move(result).value());
    if (!posted && posted.error().code == ErrorCode::kTooLarge) {
      failure = Error{ErrorCode::kTooLarge, "the response of " + std::to_string(size) + " bytes is past the limit of " +
                                                std::to_string(kMaxPayloadBytes)};
    }
  } else {
    failure = std::move(result).error();
  }
  if (failure) {
    logger.error("invocation_failed", {{"requestId", std::string_view(invocation.request_id)},
                                       {"code", to_string(failure->code)},
                                       {"error", std::string_view(failure->message)}});
    posted = client.post_error(invocation.request_id, {error_type(failure->code), failure->message});
  }
  if (!posted) {
    logger.error("answer_not_posted", {{"requestId", std::string_view(invocation.request_id)},
                                       {"error", std::string_view(posted.error().message)}});
  }
}

}  // namespace

bool InvocationGate::enter() {
  const std::lock_guard lock(mutex_);
  running_ = !closed_;
  return running_;
}

void InvocationGate::leave() {
  const std::lock_guard lock(mutex_);
  running_ = false;
  left_.notify_all();
}

bool InvocationGate::close(milliseconds grace) {
  std::unique_lock lock(mutex_);
  closed_ = true;
  return left_.wait_for(lock, grace, [this] { return !running_; });
}

Status run_loop(RuntimeClient& client, const Handler& handler, InvocationGate& gate, Logger& logger,
                const LoopOptions& options) {
  for (;;) {
    const auto invocation = take_next(client, logger, options);
    if (!invocation) {
      return invocation.error();
    }
    if (!gate.enter()) {
      return {};
    }
    const GateEntry entry(gate);
    set_trace(invocation->trace_id);
    answer(client, *invocation, call_handler(handler, *invocation, logger), logger);
  }
}

}  // namespace facepipe::lambda
