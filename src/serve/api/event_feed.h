// Server-sent events: what the store commits, to whoever subscribes. docs/api.md
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "base/log.h"
#include "faces/outbox.h"
#include "http/server/responder.h"

namespace facepipe::serve {

// What a subscriber wants.
struct Subscription {
  std::optional<faces::EventId> after;  // the last event that it has seen; absent: from now on
  std::set<std::string> types;          // empty: all. "visit" is every "visit.…"
};

// One thread reads each event once and gives it to all subscribers; who is further behind than kRecent is read for on
// its own. A subscriber who reads more slowly than events come waits in its place without costing more than its buffer,
// and loses its connection after StreamOptions::patience. Thread-safe; what it is given outlives it. It outlives the
// server whose streams it writes.
class EventFeed {
 public:
  static constexpr std::size_t kMaxSubscribers = 1'000;
  static constexpr std::size_t kRecent = 2'000;  // events at hand
  static constexpr std::size_t kRecentBytes = std::size_t{4} << 20U;
  static constexpr std::chrono::seconds kHeartbeat{15};
  static constexpr std::chrono::seconds kHealthEvery{1};

  // `ready`: told to subscribers as an event "health", without an id, when it changes.
  EventFeed(faces::EventLog& log, std::function<bool()> ready, Logger& logger);
  EventFeed(const EventFeed&) = delete;
  EventFeed& operator=(const EventFeed&) = delete;
  ~EventFeed();

  // Events were erased from the log: none of them is at hand any more for whoever subscribes from now on.
  void forget();
  // Answers with a stream, or 503 past kMaxSubscribers.
  void subscribe(Subscription subscription, http::Responder responder);
  [[nodiscard]] std::size_t subscribers() const { return count_; }

 private:
  struct Line {
    faces::EventId id{};
    std::string type;
    std::string text;  // as it is sent
  };
  struct Subscriber;
  using SubscriberList = std::list<std::shared_ptr<Subscriber>>;
  enum class Pumped { kDone, kMore, kGone };

  void run(const std::stop_token& stop);
  void wake();
  void read_new();
  void remember(Line line);
  void forget_recent();
  [[nodiscard]] bool pump_all();
  [[nodiscard]] Pumped pump(Subscriber& subscriber);
  [[nodiscard]] Pumped pump_recent(Subscriber& subscriber);
  [[nodiscard]] Pumped pump_older(Subscriber& subscriber);
  [[nodiscard]] std::optional<Pumped> take_answer(Subscriber& subscriber, http::Written written, faces::EventId event);
  [[nodiscard]] Pumped reset(Subscriber& subscriber);
  void heartbeat();
  void tell_health();
  [[nodiscard]] std::string health_text() const;

  faces::EventLog& log_;
  const std::function<bool()> ready_;
  Logger& logger_;
  int listener_ = 0;
  std::atomic<std::size_t> count_ = 0;

  std::mutex mutex_;  // guards what follows
  std::condition_variable_any changed_;
  bool work_ = false;
  bool forgets_ = false;
  SubscriberList arrivals_;

  // Of the thread alone.
  SubscriberList subscribers_;
  std::deque<Line> recent_;
  std::size_t recent_bytes_ = 0;
  faces::EventId head_{};  // the last event that was read
  bool healthy_ = true;
  bool failing_ = false;  // the store cannot be read
  std::jthread thread_;   // last: started when everything above is ready
};

}  // namespace facepipe::serve
