// The Lambda Runtime API, version 2018-06-01: how a container takes invocations and answers them.
// Source: AWS Lambda Developer Guide, "Using the Lambda runtime API for custom runtimes".
#pragma once

#include <chrono>
#include <functional>
#include <memory>

#include "base/clock.h"
#include "base/result.h"

namespace facepipe::lambda {

// The service takes at most 6 MiB (and a few bytes of its own) as a response of a synchronous invocation.
inline constexpr std::size_t kMaxPayloadBytes = std::size_t{6} << 20U;

// One event and what the service says about it.
struct Invocation {
  std::string payload;  // the event, as it came: usually JSON, at most 6 MiB
  std::string request_id;
  Clock::TimePoint deadline;     // when the function is stopped
  std::string trace_id;          // X-Ray's header value; may be empty
  std::string function_arn;      // may be empty
  std::string client_context;    // JSON that the AWS mobile SDK sent; usually empty
  std::string cognito_identity;  // JSON; usually empty

  // Never negative.
  [[nodiscard]] std::chrono::milliseconds remaining(Clock::TimePoint now) const;
};

// How a function failed, as Lambda reports it to the caller.
struct FunctionError {
  std::string type;     // "Facepipe.InvalidData"
  std::string message;  // no payloads, no internals
};
// {"errorMessage":...,"errorType":...,"stackTrace":[]}
[[nodiscard]] std::string to_json(const FunctionError& error);

struct RuntimeClientOptions {
  std::chrono::milliseconds post_timeout{10'000};
  int post_attempts = 4;                                 // a post that fails by connection or with 5xx is tried again
  std::chrono::milliseconds first_backoff{50};           // doubled before each further attempt
  std::function<void(std::chrono::milliseconds)> sleep;  // empty: this thread sleeps
};

// Not thread-safe: one a loop.
class RuntimeClient {
 public:
  // `api`: AWS_LAMBDA_RUNTIME_API, "HOST:PORT". kInvalidArgument says what was expected.
  [[nodiscard]] static Result<RuntimeClient> create(std::string_view api, const RuntimeClientOptions& options = {});
  RuntimeClient(RuntimeClient&&) noexcept;
  RuntimeClient& operator=(RuntimeClient&&) noexcept;
  ~RuntimeClient();

  // Waits for the next invocation, however long: the environment may be frozen for hours meanwhile. kUnavailable when
  // the API does not answer or answers with 5xx, kPermission for another status, kInvalidData for an answer that lacks
  // the request id or whose deadline is no number.
  [[nodiscard]] Result<Invocation> next();

  // The invocation's result. kTooLarge if the service refused it as too large (then post_error is due),
  // kUnavailable after all attempts, kPermission for any other refusal (a second answer to one invocation, say).
  [[nodiscard]] Status post_response(std::string_view request_id, std::string payload);
  // The invocation failed. Errors as post_response.
  [[nodiscard]] Status post_error(std::string_view request_id, const FunctionError& error);
  // The function cannot start at all.
  [[nodiscard]] Status post_init_error(const FunctionError& error);

 private:
  struct State;
  explicit RuntimeClient(std::unique_ptr<State> state);
  [[nodiscard]] Status post(std::string target, std::string body, std::string_view error_type);
  std::unique_ptr<State> state_;
};

// Lambda's errorType of our errors: "Facepipe.InvalidData" of "invalid-data", and so on.
[[nodiscard]] std::string error_type(ErrorCode code);

// --- How long the runtime's blocking calls may wait: internal to the module.
// "No limit": longer than an execution environment lives (hours), and far from the overflow of any clock's type.
inline constexpr std::chrono::milliseconds kNoTimeLimit = std::chrono::hours{24 * 365};

}  // namespace facepipe::lambda
