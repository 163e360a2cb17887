// Takes an output's events out of the outbox and sends them, in order, each until it is delivered or given up.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>

#include "base/clock.h"
#include "base/log.h"
#include "base/retry.h"
#include "faces/outbox.h"
#include "metrics/registry.h"
#include "publish/publisher.h"

namespace facepipe::publish {

struct SendPolicy {
  // Between tries of one event: doubled waits with full jitter, or what the receiver wishes if that is longer.
  RetryPolicy retry{.max_attempts = 20, .base = std::chrono::seconds{1}, .cap = std::chrono::hours{1}};
  int max_refusals = 5;                        // tries of an event that the receiver does not want
  std::chrono::hours give_up{24};              // after the event; whichever is first
  std::chrono::milliseconds idle_poll{1'000};  // looks for what is due, however quiet it is
};

struct SendCounts {
  metrics::Counter delivered;
  metrics::Counter failed;  // tries
  metrics::Counter dead;    // events that were given up
};

// One thread of its own. An event is out of the outbox only once it was delivered, so that after a crash it goes out
// again, under the same key. Nothing is sent behind an event that waits for another try. What it is given outlives it;
// the output is set (Outbox::set_outputs).
class OutboxSender {
 public:
  OutboxSender(faces::Outbox& outbox, std::unique_ptr<Publisher> publisher, const SendPolicy& policy,
               const Clock& clock, Logger& logger);
  OutboxSender(const OutboxSender&) = delete;
  OutboxSender& operator=(const OutboxSender&) = delete;
  // Waits for a sending under way.
  ~OutboxSender();
  // Sends nothing more; returns at once.
  void request_stop();
  [[nodiscard]] const SendCounts& counts() const { return counts_; }

 private:
  void run(const std::stop_token& stop);
  // False: nothing is due.
  [[nodiscard]] Result<bool> send_due(const std::stop_token& stop);
  // False: what is behind it has to wait.
  [[nodiscard]] Result<bool> send_one(faces::Delivery delivery, const faces::Event& event);
  [[nodiscard]] Status store_outcome();
  [[nodiscard]] bool is_over(const Outcome& outcome, const faces::Delivery& delivery, const faces::Event& event) const;

  faces::Outbox& outbox_;
  const std::unique_ptr<Publisher> publisher_;
  const SendPolicy policy_;
  const Clock& clock_;
  Logger& logger_;
  const RetryEnvironment environment_ = real_retry_environment();
  SendCounts counts_;
  // What a sending came to, while the store cannot take it.
  struct Unstored {
    faces::Delivery delivery;
    bool delivered = false;
  };
  std::optional<Unstored> unstored_;  // of the thread alone

  std::mutex mutex_;
  std::condition_variable_any woken_;
  bool news_ = false;  // guarded by mutex_
  int listener_ = 0;
  std::jthread thread_;  // last: starts when all else is there
};

}  // namespace facepipe::publish
