// Tested end to end by tests/e2e and tests/conformance.
#include "serve/sqs_port.h"

#include <algorithm>

#include "aws/signing/verify.h"
#include "base/clock.h"

namespace facepipe::serve {

Status SqsPort::start() {
  door_.emplace(
      FrontDoorOptions{.port_name = "sqs", .browser = ports_.browser_rules(), .tls = false, .tokens = nullptr},
      ground_.logger);
  api_.emplace(storage_.store(), api_options());
  http::ServerOptions options = ports_.listen_options(ground_.options.sqs_port);
  options.max_body_bytes = std::min(kMaxSqsBody, ground_.options.max_total_body_bytes);
  FACEPIPE_ASSIGN(server_, http::Server::start(options, routes(), ground_.logger));
  return {};
}

// One for everything: what is asked stands in the request.
http::Router SqsPort::routes() {
  http::RouteRules rules = door_->rules(FrontDoor::For::kEverybody);
  rules.guards.emplace_back([this](const http::Request& head) { return api_->admit(head); });
  http::Router router({}, "");
  router.add({.method = "",
              .path = "*",
              .rules = std::move(rules),
              .handler = [this](http::Request request, http::Responder responder) {
                api_->handle(std::move(request), std::move(responder));
              }});
  return router;
}

void SqsPort::stop(const StopClock& clock) {
  if (api_) {
    api_->end_long_polls();  // no answer comes any more
  }
  if (server_) {
    server_->stop(clock.left());
  }
}

SqsApi::Options SqsPort::api_options() {
  SqsApi::Options options;
  options.tls = ground_.options.tls.has_value();
  const auto checked_by = [this](auto verify) {
    return [&access = storage_.access(), verify](const http::Request& request) -> std::optional<aws::SignatureProblem> {
      if (!access.known()) {
        return aws::SignatureProblem{aws::SignatureFault::kNotKnown, std::string(kAccessNotKnown)};
      }
      if (!access.sqs_key_required()) {
        return std::nullopt;
      }
      return verify(
          request, "sqs", [&access](std::string_view key) { return access.sqs_secret(key); }, system_clock().now());
    };
  };
  options.check = checked_by(&aws::verify_v4);
  options.check_head = checked_by(&aws::verify_v4_head);
  options.on_denied = [this](const http::Request& request, int status, std::string_view code,
                             std::string_view request_id) { door_->log_refusal(request, status, code, request_id); };
  return options;
}

}  // namespace facepipe::serve
