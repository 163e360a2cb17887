// The service's side of the Runtime API and the Extensions API, for the module's tests.
#pragma once

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "http/server/server.h"

namespace facepipe::lambda::testing {

// Answers GET .../invocation/next with what was queued, then with 500; every POST with the queued status, else 202.
// Thread-safe.
class FakeRuntimeApi {
 public:
  FakeRuntimeApi();

  [[nodiscard]] std::string address() const;  // AWS_LAMBDA_RUNTIME_API
  void add_next(http::Response response);
  // An invocation with every header; `id` also makes its deadline (1'700'000'000'123) and function name.
  void add_invocation(const std::string& id, std::string payload, const std::string& trace = "Root=1-5f5e-abc");
  void add_post_status(int status);
  void set_register_response(http::Response response);

  // What came so far.
  [[nodiscard]] std::vector<http::Request> requests(const std::string& method) const;
  // Waits until a request for `target` came, a minute at most; false then.
  [[nodiscard]] bool wait_for(const std::string& target);

 private:
  [[nodiscard]] http::Response respond(const http::Request& request);

  mutable std::mutex mutex_;
  std::condition_variable came_;
  std::deque<http::Response> next_;
  std::deque<int> post_statuses_;
  http::Response register_response_;
  std::vector<http::Request> requests_;
  std::vector<http::Responder> waiting_extensions_;
  std::unique_ptr<http::Server> server_;
};

}  // namespace facepipe::lambda::testing
