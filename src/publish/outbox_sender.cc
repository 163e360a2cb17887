// Tested by outbox_sender_test.cc, tests/e2e/test_webhooks.py
#include "publish/outbox_sender.h"

namespace facepipe::publish {
namespace {

constexpr std::size_t kAtOnce = 1;  // what is erased while a slow receiver takes one is not sent
constexpr std::chrono::milliseconds kLeastWait{100};

}  // namespace

OutboxSender::OutboxSender(faces::Outbox& outbox, std::unique_ptr<Publisher> publisher, const SendPolicy& policy,
                           const Clock& clock, Logger& logger)
    : outbox_(outbox),
      publisher_(std::move(publisher)),
      policy_(policy),
      clock_(clock),
      logger_(logger),
      listener_(outbox_.add_listener([this](faces::EventId) {
        {
          const std::lock_guard lock(mutex_);
          news_ = true;
        }
        woken_.notify_one();
      })),
      thread_([this](const std::stop_token& stop) { run(stop); }) {}

OutboxSender::~OutboxSender() {
  outbox_.remove_listener(listener_);
}

void OutboxSender::request_stop() {
  thread_.request_stop();
}

void OutboxSender::run(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    const auto more = send_due(stop);
    if (!more) {
      logger_.warning("outbox_trouble", {{"output", std::string_view(publisher_->name())},
                                         {"error", std::string_view(more.error().message)}});
    }
    std::unique_lock lock(mutex_);
    if (!more || !*more) {
      (void)woken_.wait_for(lock, stop, policy_.idle_poll, [&] { return more && news_; });
    }
    news_ = false;
  }
}

Result<bool> OutboxSender::send_due(const std::stop_token& stop) {
  FACEPIPE_TRY(store_outcome());
  FACEPIPE_ASSIGN(const auto due, outbox_.due(publisher_->name(), kAtOnce));
  for (const auto& [delivery, event] : due) {
    if (stop.stop_requested()) {
      return false;
    }
    FACEPIPE_ASSIGN(const bool go_on, send_one(delivery, event));
    if (!go_on) {
      return false;
    }
  }
  return !due.empty();
}

Result<bool> OutboxSender::send_one(faces::Delivery delivery, const faces::Event& event) {
  const Outcome outcome = publisher_->send(event);
  if (outcome.kind == Outcome::Kind::kDelivered) {
    ++counts_.delivered;
    unstored_ = Unstored{std::move(delivery), /*delivered=*/true};
    FACEPIPE_TRY(store_outcome());
    return true;
  }
  ++counts_.failed;
  ++delivery.attempts;
  delivery.error = outcome.error;
  delivery.dead = is_over(outcome, delivery, event);
  const auto wait = retry_delay(policy_.retry, delivery.attempts, environment_.uniform());
  delivery.due = clock_.now() + std::max({wait, kLeastWait,
                                          std::chrono::milliseconds(outcome.after.value_or(std::chrono::seconds{0}))});
  if (delivery.dead) {
    ++counts_.dead;
  }
  logger_.warning(delivery.dead ? "event_given_up" : "event_put_off",
                  {{"output", std::string_view(publisher_->name())},
                   {"event", static_cast<std::int64_t>(event.id)},
                   {"attempts", static_cast<std::int64_t>(delivery.attempts)},
                   {"error", std::string_view(delivery.error)}});
  const bool goes_on = delivery.dead;
  unstored_ = Unstored{std::move(delivery), /*delivered=*/false};
  FACEPIPE_TRY(store_outcome());
  return goes_on;
}

// What became of the last sending. Until it is stored nothing more is sent: the outbox would give the same event again.
Status OutboxSender::store_outcome() {
  if (unstored_) {
    const faces::Delivery& delivery = unstored_->delivery;
    FACEPIPE_TRY(unstored_->delivered ? outbox_.delivered(publisher_->name(), std::span(&delivery.event, 1))
                                      : outbox_.put_off(delivery));
    unstored_.reset();
  }
  return {};
}

bool OutboxSender::is_over(const Outcome& outcome, const faces::Delivery& delivery, const faces::Event& event) const {
  switch (outcome.kind) {
    case Outcome::Kind::kNever:
      return true;
    case Outcome::Kind::kRefused:
      if (delivery.attempts >= policy_.max_refusals) {
        return true;
      }
      break;
    default:
      break;
  }
  // One that was brought back by hand is tried at least once, however old it is.
  return delivery.attempts >= policy_.retry.max_attempts || clock_.now() - event.what.time >= policy_.give_up;
}

}  // namespace facepipe::publish
