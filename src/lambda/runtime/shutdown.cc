// Tested by shutdown_test.cc, and by tests/lambda with the program itself.
#include "lambda/runtime/shutdown.h"

#include <condition_variable>
#include <mutex>
#include <thread>

#include "base/stop_signals.h"
#include "http/client.h"
#include "lambda/runtime/runtime_client.h"

namespace facepipe::lambda {
namespace {

using std::chrono::milliseconds;

constexpr std::string_view kExtensionPath = "/2020-01-01/extension/";
constexpr milliseconds kRegisterTimeout{2'000};

// The extension's identifier.
Result<std::string> register_extension(const http::Url& url) {
  http::Request request;
  request.method = "POST";
  request.target = std::string(kExtensionPath) + "register";
  request.headers = {{"content-type", "application/json"}, {"lambda-extension-name", "facepipe"}};
  request.body = R"({"events":[]})";
  http::Client client(url, {.request_timeout = kRegisterTimeout});
  FACEPIPE_ASSIGN(const http::Response response, client.send(request));
  const std::string_view identifier = http::header(response.headers, "lambda-extension-identifier");
  if (response.status != 200 || identifier.empty()) {
    return Error{ErrorCode::kUnsupported, "status " + std::to_string(response.status)};
  }
  return std::string(identifier);
}

Status wait_for_event(const http::Url& url, const std::string& identifier) {
  http::Request request;
  request.target = std::string(kExtensionPath) + "event/next";
  request.headers = {{"lambda-extension-identifier", identifier}};
  http::Client client(url, {.request_timeout = kNoTimeLimit});
  FACEPIPE_ASSIGN(const http::Response response, client.send(request));
  return response.status == 200 ? Status{}
                                : Error{ErrorCode::kUnsupported, "status " + std::to_string(response.status)};
}

}  // namespace

void on_stop_signal(std::function<void(int signal)> stop) {
  std::thread([stop = std::move(stop)] { stop(wait_for_stop_signal()); }).detach();
}

struct ShutdownExtension::State {
  enum class Registration { kUnknown, kDone, kRefused };
  std::mutex mutex;
  std::condition_variable changed;
  Registration registration = Registration::kUnknown;

  void set(Registration value) {
    const std::lock_guard lock(mutex);
    registration = value;
    changed.notify_all();
  }
};

ShutdownExtension::ShutdownExtension(std::shared_ptr<State> state) : state_(std::move(state)) {}

ShutdownExtension ShutdownExtension::start(std::string_view api, Logger& logger) {
  auto state = std::make_shared<State>();
  std::thread([state, address = "http://" + std::string(api) + "/", &logger] {
    const auto log = [&logger](const Error& error) {
      logger.log(LogLevel::kDebug, "no_shutdown_extension", {{"reason", std::string_view(error.message)}});
    };
    const auto url = http::parse_url(address);
    const auto identifier = url ? register_extension(*url) : Result<std::string>(url.error());
    state->set(identifier ? State::Registration::kDone : State::Registration::kRefused);
    if (!identifier) {
      log(identifier.error());
    } else if (const Status waited = wait_for_event(*url, *identifier); !waited) {
      log(waited.error());
    }
  }).detach();
  return ShutdownExtension(std::move(state));
}

bool ShutdownExtension::wait_registered(milliseconds limit) const {
  std::unique_lock lock(state_->mutex);
  state_->changed.wait_for(lock, limit, [this] { return state_->registration != State::Registration::kUnknown; });
  return state_->registration == State::Registration::kDone;
}

}  // namespace facepipe::lambda
