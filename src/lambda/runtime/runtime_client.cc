// Tested by runtime_client_test.cc against a scripted API, and by tests/lambda under AWS's own emulator.
#include "lambda/runtime/runtime_client.h"

#include <algorithm>

#include "base/check.h"
#include "base/json_writer.h"
#include "base/retry.h"
#include "base/text.h"
#include "http/client.h"

namespace facepipe::lambda {
namespace {

using std::chrono::milliseconds;

constexpr std::string_view kInvocationPath = "/2018-06-01/runtime/invocation/";
constexpr std::string_view kInitErrorPath = "/2018-06-01/runtime/init/error";

// An event of 6 MiB and some room: the emulator is known to pass a few bytes more.
constexpr std::size_t kMaxEventBytes = kMaxPayloadBytes + (std::size_t{1} << 20U);

Result<Clock::TimePoint> parse_deadline(std::string_view text) {
  const auto since_1970 = parse_number<std::int64_t>(text).value_or(-1);
  if (since_1970 < 0) {
    return Error{ErrorCode::kInvalidData,
                 "runtime API: Lambda-Runtime-Deadline-Ms: expected milliseconds since 1970, got " +
                     json_quote(text.substr(0, 40))};
  }
  return Clock::TimePoint{milliseconds{since_1970}};
}

Result<Invocation> to_invocation(http::Response response) {
  const auto text = [&response](std::string_view name) { return std::string(http::header(response.headers, name)); };
  Invocation invocation;
  invocation.request_id = text("lambda-runtime-aws-request-id");
  if (invocation.request_id.empty()) {
    return Error{ErrorCode::kInvalidData, "runtime API: an invocation without Lambda-Runtime-Aws-Request-Id"};
  }
  FACEPIPE_ASSIGN(invocation.deadline, parse_deadline(text("lambda-runtime-deadline-ms")));
  invocation.trace_id = text("lambda-runtime-trace-id");
  invocation.function_arn = text("lambda-runtime-invoked-function-arn");
  invocation.client_context = text("lambda-runtime-client-context");
  invocation.cognito_identity = text("lambda-runtime-cognito-identity");
  invocation.payload = std::move(response.body);
  return invocation;
}

// What a status other than 2xx of a post means.
Error refusal(std::string_view what, int status) {
  constexpr int kPayloadTooLarge = 413;
  const ErrorCode code = status == kPayloadTooLarge ? ErrorCode::kTooLarge
                         : status >= 500            ? ErrorCode::kUnavailable
                                                    : ErrorCode::kPermission;
  return Error{code, "runtime API: " + std::string(what) + " was answered with status " + std::to_string(status)};
}

}  // namespace

milliseconds Invocation::remaining(Clock::TimePoint now) const {
  return std::max(deadline - now, milliseconds{0});
}

std::string to_json(const FunctionError& error) {
  JsonWriter json;
  json.begin_object().key("errorMessage").string(error.message).key("errorType").string(error.type);
  json.key("stackTrace").begin_array().end_array().end_object();
  return std::move(json).text();
}

// Two connections: the one that waits for events must not time out, the one that posts must.
struct RuntimeClient::State {
  State(const http::Url& url, const RuntimeClientOptions& client_options)
      : options(client_options),
        waiting(url, {.request_timeout = kNoTimeLimit, .max_response_bytes = kMaxEventBytes}),
        posting(url, {.request_timeout = client_options.post_timeout}) {}
  RuntimeClientOptions options;
  http::Client waiting;
  http::Client posting;
};

Result<RuntimeClient> RuntimeClient::create(std::string_view api, const RuntimeClientOptions& options) {
  const auto url = http::parse_url("http://" + std::string(api) + "/");
  if (!url || api.empty()) {
    return Error{ErrorCode::kInvalidArgument, "AWS_LAMBDA_RUNTIME_API: expected HOST:PORT, got " + json_quote(api)};
  }
  return RuntimeClient(std::make_unique<State>(*url, options));
}

RuntimeClient::RuntimeClient(std::unique_ptr<State> state) : state_(std::move(state)) {}
RuntimeClient::RuntimeClient(RuntimeClient&&) noexcept = default;
RuntimeClient& RuntimeClient::operator=(RuntimeClient&&) noexcept = default;
RuntimeClient::~RuntimeClient() = default;

Result<Invocation> RuntimeClient::next() {
  http::Request request;
  request.target = std::string(kInvocationPath) + "next";
  FACEPIPE_ASSIGN(http::Response response, state_->waiting.send(request));
  if (response.status != 200) {
    return refusal("the request for the next invocation", response.status);
  }
  return to_invocation(std::move(response));
}

Status RuntimeClient::post_response(std::string_view request_id, std::string payload) {
  return post(std::string(kInvocationPath) + std::string(request_id) + "/response", std::move(payload), {});
}

Status RuntimeClient::post_error(std::string_view request_id, const FunctionError& error) {
  return post(std::string(kInvocationPath) + std::string(request_id) + "/error", to_json(error), error.type);
}

Status RuntimeClient::post_init_error(const FunctionError& error) {
  return post(std::string(kInitErrorPath), to_json(error), error.type);
}

Status RuntimeClient::post(std::string target, std::string body, std::string_view error_type) {
  http::Request request;
  request.method = "POST";
  request.target = std::move(target);
  request.headers.emplace_back("content-type", "application/json");
  if (!error_type.empty()) {
    request.headers.emplace_back("lambda-runtime-function-error-type", error_type);
  }
  request.body = std::move(body);
  const RetryPolicy policy{.max_attempts = state_->options.post_attempts, .base = state_->options.first_backoff};
  return retry(policy, without_jitter(state_->options.sleep), [&]() -> Status {
    FACEPIPE_ASSIGN(const auto response, state_->posting.send(request).with_context("runtime API"));
    return response.status / 100 == 2 ? Status() : refusal("the post", response.status);
  });
}

std::string error_type(ErrorCode code) {
  std::string type = "Facepipe.";
  for (const std::string_view word : split(to_string(code), '-')) {
    type.push_back(static_cast<char>(word.front() - 'a' + 'A'));
    type.append(word.substr(1));
  }
  return type;
}

}  // namespace facepipe::lambda
