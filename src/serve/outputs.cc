// Tested end to end by tests/e2e/test_webhooks.py.
#include "serve/outputs.h"

#include <algorithm>

#include "base/text.h"
#include "http/client.h"
#include "publish/webhook.h"

namespace facepipe::serve {

Result<std::vector<std::unique_ptr<publish::Publisher>>> Outputs::make_publishers() {
  std::vector<std::unique_ptr<publish::Publisher>> publishers;
  for (const std::string& url : ground_.options.webhooks) {
    FACEPIPE_ASSIGN(auto publisher, publish::make_webhook({.url = url, .secret = ground_.options.webhook_secret}));
    FACEPIPE_ASSIGN(const http::Url parsed, http::parse_url(url));
    if (!parsed.tls && !is_loopback_host(parsed.host)) {
      ground_.logger.warning("webhook_without_tls", {{"output", std::string_view(publisher->name())}});
    }
    const auto same = [&](const auto& other) { return other->name() == publisher->name(); };
    if (std::ranges::any_of(publishers, same)) {
      return Error{ErrorCode::kInvalidArgument,
                   "--webhook: expected each URL once, got " + publisher->name() + " twice"};
    }
    publishers.push_back(std::move(publisher));
  }
  return publishers;
}

Status Outputs::start() {
  faces::FaceStore* store = storage_.faces();
  if (store == nullptr) {
    return ground_.options.webhooks.empty()
               ? Status{}
               : Error{ErrorCode::kInvalidArgument, "--webhook: expected --keep faces with it, got --keep none"};
  }
  FACEPIPE_ASSIGN(auto for_tests, make_publishers());
  for (auto& publisher : for_tests) {
    testers_.push_back(std::make_unique<publish::OutputTester>(std::move(publisher), system_clock()));
  }
  FACEPIPE_ASSIGN(auto publishers, make_publishers());
  std::ranges::transform(publishers, std::back_inserter(names_),
                         [](const auto& publisher) { return publisher->name(); });
  FACEPIPE_TRY(store->set_outputs(names_));
  for (auto& publisher : publishers) {
    senders_.push_back(std::make_unique<publish::OutboxSender>(*store, std::move(publisher), publish::SendPolicy{},
                                                               system_clock(), ground_.logger));
  }
  const auto add = [this](std::string_view name, std::string_view help, metrics::Counter publish::SendCounts::* count) {
    ground_.metrics.registry.counter_of(name, help, [this, count] {
      std::int64_t sum = 0;
      for (const auto& sender : senders_) {
        sum += (sender->counts().*count).value();
      }
      return sum;
    });
  };
  if (!senders_.empty()) {
    add("facepipe_events_delivered_total", "Events that a webhook took.", &publish::SendCounts::delivered);
    add("facepipe_event_failures_total", "Tries to deliver an event that failed.", &publish::SendCounts::failed);
    add("facepipe_events_dead_total", "Events that were given up; they can be sent again.", &publish::SendCounts::dead);
  }
  return {};
}

Result<std::optional<publish::Tested>> Outputs::test(const std::string& output, std::string_view who) const {
  const auto tester = std::ranges::find(testers_, output, [](const auto& each) { return each->output(); });
  if (tester == testers_.end()) {
    return Error{ErrorCode::kNotFound, "no such output: " + output};
  }
  const std::optional<publish::Tested> tested = (*tester)->test(who);
  if (tested) {
    ground_.logger.info("output_tested", {{"output", std::string_view(output)},
                                          {"delivered", tested->outcome.kind == publish::Outcome::Kind::kDelivered},
                                          {"error", std::string_view(tested->outcome.error)}});
  }
  return tested;
}

void Outputs::request_stop() {
  for (const auto& sender : senders_) {
    sender->request_stop();
  }
}

// Each ends with its sending, within the webhook's timeout.
void Outputs::stop(const StopClock& /*clock*/) {
  request_stop();
}

}  // namespace facepipe::serve
