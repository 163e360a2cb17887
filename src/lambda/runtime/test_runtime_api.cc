#include "lambda/runtime/test_runtime_api.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <utility>

namespace facepipe::lambda::testing {

FakeRuntimeApi::FakeRuntimeApi() {
  register_response_.headers = {{"lambda-extension-identifier", "ext-1"}};
  http::ServerOptions unhurried;
  unhurried.read_timeout = unhurried.write_timeout = std::chrono::minutes{1};
  unhurried.min_bytes_per_second = 0;
  auto server = http::Server::start(
      unhurried,
      [this](const http::Request& request, http::Responder responder) {
        const std::lock_guard lock(mutex_);
        requests_.push_back(request);
        came_.notify_all();
        if (request.target == "/2020-01-01/extension/event/next") {
          waiting_extensions_.push_back(std::move(responder));  // no event ever comes
          return;
        }
        responder(respond(request));
      },
      null_logger());
  EXPECT_TRUE(server.has_value());
  server_ = *std::move(server);
}

std::string FakeRuntimeApi::address() const {
  return "127.0.0.1:" + std::to_string(server_->port());
}

void FakeRuntimeApi::add_next(http::Response response) {
  const std::lock_guard lock(mutex_);
  next_.push_back(std::move(response));
}

void FakeRuntimeApi::add_invocation(const std::string& id, std::string payload, const std::string& trace) {
  http::Response response = http::make_response(200, "application/json", std::move(payload));
  response.headers.emplace_back("lambda-runtime-aws-request-id", id);
  response.headers.emplace_back("lambda-runtime-deadline-ms", "1700000000123");
  response.headers.emplace_back("lambda-runtime-invoked-function-arn",
                                "arn:aws:lambda:us-east-1:123456789012:function:face");
  response.headers.emplace_back("lambda-runtime-client-context", R"({"client":{"app":"door"}})");
  response.headers.emplace_back("lambda-runtime-cognito-identity", R"({"cognitoIdentityId":"us-east-1:1"})");
  if (!trace.empty()) {
    response.headers.emplace_back("lambda-runtime-trace-id", trace);
  }
  add_next(std::move(response));
}

void FakeRuntimeApi::add_post_status(int status) {
  const std::lock_guard lock(mutex_);
  post_statuses_.push_back(status);
}

void FakeRuntimeApi::set_register_response(http::Response response) {
  const std::lock_guard lock(mutex_);
  register_response_ = std::move(response);
}

std::vector<http::Request> FakeRuntimeApi::requests(const std::string& method) const {
  const std::lock_guard lock(mutex_);
  std::vector<http::Request> some;
  std::copy_if(requests_.begin(), requests_.end(), std::back_inserter(some),
               [&](const http::Request& request) { return request.method == method; });
  return some;
}

bool FakeRuntimeApi::wait_for(const std::string& target) {
  std::unique_lock lock(mutex_);
  return came_.wait_for(lock, std::chrono::minutes{1}, [&] {
    return std::any_of(requests_.begin(), requests_.end(),
                       [&](const http::Request& request) { return request.target == target; });
  });
}

http::Response FakeRuntimeApi::respond(const http::Request& request) {
  const auto pop = [](auto& queue) {
    auto front = std::move(queue.front());
    queue.pop_front();
    return front;
  };
  if (request.target == "/2020-01-01/extension/register") {
    return register_response_;
  }
  if (request.method == "GET") {
    return next_.empty() ? http::make_response(500, "application/json", "{}") : pop(next_);
  }
  const int status = post_statuses_.empty() ? 202 : pop(post_statuses_);
  return http::make_response(status, "application/json", R"({"status":"OK"})");
}

}  // namespace facepipe::lambda::testing
