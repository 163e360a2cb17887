// Source: the HTML standard, server-sent events. Tested by event_feed_test.cc and tests/e2e/test_events.py.
#include "serve/api/event_feed.h"

#include <algorithm>

#include "base/json_writer.h"
#include "base/time_text.h"
#include "serve/api/answers.h"

namespace facepipe::serve {
namespace {

using faces::EventId;
using http::Written;

// Small: what lies in it is late already.
constexpr std::size_t kBufferBytes = std::size_t{32} << 10U;
constexpr std::chrono::seconds kPatience{10};
constexpr std::size_t kReadAtOnce = 200;

std::string number(EventId id) {
  return std::to_string(static_cast<std::int64_t>(id));
}

std::string event_text(const faces::Event& event) {
  JsonWriter json;
  json.begin_object().key("id").integer(static_cast<std::int64_t>(event.id)).key("key").string(event.what.key);
  json.key("type").string(event.what.type).key("time").string(format_utc(event.what.time));
  json.key("data").raw(event.what.json).end_object();
  return "id: " + number(event.id) + "\nevent: " + event.what.type + "\ndata: " + std::move(json).text() + "\n\n";
}

// "visit" wants "visit.named".
bool wants(const std::set<std::string>& types, const std::string& type) {
  return types.empty() || types.contains(type) || types.contains(type.substr(0, type.find('.')));
}

}  // namespace

struct EventFeed::Subscriber {
  http::StreamWriter writer;
  std::set<std::string> types;
  EventId position{};              // seen, or not wanted
  bool blocked = false;            // until there is room
  std::atomic<bool> room = false;  // since the last look
  std::atomic<bool> gone = false;
};

EventFeed::EventFeed(faces::EventLog& log, std::function<bool()> ready, Logger& logger)
    : log_(log), ready_(std::move(ready)), logger_(logger) {
  if (const auto last = log_.last_event()) {
    head_ = *last;
  }
  healthy_ = ready_();
  listener_ = log_.add_listener([this](EventId) { wake(); });
  thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
}

EventFeed::~EventFeed() {
  log_.remove_listener(listener_);
  thread_.request_stop();
  thread_.join();
}

void EventFeed::subscribe(Subscription subscription, http::Responder responder) {
  if (count_ >= kMaxSubscribers) {
    responder(error_answer(503, "expected at most " + std::to_string(kMaxSubscribers) + " subscribers to events"));
    return;
  }
  const auto last = log_.last_event();
  if (!last) {
    responder(error_answer(last.error()));
    return;
  }
  const auto subscriber = std::make_shared<Subscriber>();
  subscriber->types = std::move(subscription.types);
  subscriber->position = subscription.after.value_or(*last);
  http::StreamOptions options;
  options.buffer_bytes = kBufferBytes;
  options.patience = kPatience;
  // The stream is the subscriber's: it must not hold its owner.
  const auto set = [this, held = std::weak_ptr<Subscriber>(subscriber)](std::atomic<bool> Subscriber::* flag) {
    if (const auto told = held.lock()) {
      (*told).*flag = true;
      wake();
    }
  };
  options.on_room = [set] { set(&Subscriber::room); };
  options.on_end = [set] { set(&Subscriber::gone); };
  http::Response head;
  head.headers = {{"content-type", "text/event-stream"}, {"cache-control", "no-store"}, {"x-accel-buffering", "no"}};
  ++count_;
  subscriber->writer = responder.stream(std::move(head), std::move(options));
  // Where it begins, so that a client that comes back after nothing happened misses nothing.
  static_cast<void>(subscriber->writer.write("retry: 2000\nid: " + number(subscriber->position) + "\n\n"));
  const std::lock_guard lock(mutex_);
  arrivals_.push_back(subscriber);
  work_ = true;
  changed_.notify_one();
}

void EventFeed::wake() {
  const std::lock_guard lock(mutex_);
  work_ = true;
  changed_.notify_one();
}

void EventFeed::forget() {
  const std::lock_guard lock(mutex_);
  forgets_ = true;
  work_ = true;
  changed_.notify_one();
}

void EventFeed::run(const std::stop_token& stop) {
  auto next_heartbeat = std::chrono::steady_clock::now() + kHeartbeat;
  bool more = false;
  while (!stop.stop_requested()) {
    SubscriberList arrived;
    bool forgets = false;
    {
      std::unique_lock lock(mutex_);
      changed_.wait_for(lock, stop, more ? std::chrono::seconds(0) : kHealthEvery, [this] { return work_; });
      work_ = false;
      forgets = std::exchange(forgets_, false);
      arrived.swap(arrivals_);
    }
    if (forgets) {
      forget_recent();
    }
    for (const auto& subscriber : arrived) {
      static_cast<void>(subscriber->writer.write(health_text()));
    }
    subscribers_.splice(subscribers_.end(), arrived);
    tell_health();
    read_new();
    more = pump_all();
    if (std::chrono::steady_clock::now() >= next_heartbeat) {
      heartbeat();
      next_heartbeat = std::chrono::steady_clock::now() + kHeartbeat;
    }
  }
}

void EventFeed::read_new() {
  while (true) {
    auto events = log_.events_after(head_, kReadAtOnce);
    if (!events) {
      if (!failing_) {
        logger_.error("events_not_read", {{"error", std::string_view(events.error().message)}});
      }
      failing_ = true;
      if (const auto last = log_.last_event(); last && events.error().code == ErrorCode::kNotFound) {
        head_ = *last;  // so late that they are gone: whoever waits for them is told
        forget_recent();
      }
      return;
    }
    failing_ = false;
    for (const faces::Event& event : *events) {
      remember({event.id, event.what.type, event_text(event)});
    }
    if (events->size() < kReadAtOnce) {
      return;
    }
  }
}

void EventFeed::forget_recent() {
  recent_.clear();
  recent_bytes_ = 0;
}

void EventFeed::remember(Line line) {
  head_ = line.id;
  recent_bytes_ += line.text.size();
  recent_.push_back(std::move(line));
  while (recent_.size() > kRecent || recent_bytes_ > kRecentBytes) {
    recent_bytes_ -= recent_.front().text.size();
    recent_.pop_front();
  }
}

// True: somebody is behind and has room.
bool EventFeed::pump_all() {
  bool more = false;
  for (auto at = subscribers_.begin(); at != subscribers_.end();) {
    Subscriber& subscriber = **at;
    if (subscriber.room.exchange(false)) {
      subscriber.blocked = false;
    }
    const Pumped pumped = subscriber.gone ? Pumped::kGone : pump(subscriber);
    more = more || pumped == Pumped::kMore;
    if (pumped == Pumped::kGone) {
      at = subscribers_.erase(at);
      --count_;
    } else {
      ++at;
    }
  }
  return more;
}

EventFeed::Pumped EventFeed::pump(Subscriber& subscriber) {
  if (subscriber.blocked || subscriber.position == head_) {
    return Pumped::kDone;
  }
  if (subscriber.position > head_) {  // of another data folder, or of the future
    return failing_ ? Pumped::kDone : reset(subscriber);
  }
  const bool recent = !recent_.empty() && static_cast<std::int64_t>(recent_.front().id) <=
                                              static_cast<std::int64_t>(subscriber.position) + 1;
  return recent ? pump_recent(subscriber) : pump_older(subscriber);
}

EventFeed::Pumped EventFeed::pump_recent(Subscriber& subscriber) {
  auto line = std::upper_bound(recent_.begin(), recent_.end(), subscriber.position,
                               [](EventId position, const Line& other) { return position < other.id; });
  for (; line != recent_.end(); ++line) {
    const Written written = wants(subscriber.types, line->type) ? subscriber.writer.write(line->text) : Written::kTaken;
    if (const auto end = take_answer(subscriber, written, line->id)) {
      return *end;
    }
  }
  return Pumped::kDone;
}

// From the store, a part at a time, so that nobody waits for one who is far behind.
EventFeed::Pumped EventFeed::pump_older(Subscriber& subscriber) {
  const auto events = log_.events_after(subscriber.position, kReadAtOnce);
  if (!events) {
    return events.error().code == ErrorCode::kNotFound ? reset(subscriber) : Pumped::kDone;
  }
  if (events->empty()) {
    subscriber.position = head_;
    return Pumped::kDone;
  }
  for (const faces::Event& event : *events) {
    const Written written =
        wants(subscriber.types, event.what.type) ? subscriber.writer.write(event_text(event)) : Written::kTaken;
    if (const auto end = take_answer(subscriber, written, event.id)) {
      return *end;
    }
  }
  return subscriber.position < head_ ? Pumped::kMore : Pumped::kDone;
}

// What the stream said to an event. Nothing: the next one may follow.
std::optional<EventFeed::Pumped> EventFeed::take_answer(Subscriber& subscriber, Written written, EventId event) {
  switch (written) {
    case Written::kTaken:
      subscriber.position = event;
      return std::nullopt;
    case Written::kFull:
      subscriber.blocked = true;
      return Pumped::kDone;
    case Written::kTooLarge:
      return reset(subscriber);
    case Written::kGone:
      break;
  }
  return Pumped::kGone;
}

// Some of what it missed is gone: it has to load anew what it shows, and goes on from now.
EventFeed::Pumped EventFeed::reset(Subscriber& subscriber) {
  const std::string text = "id: " + number(head_) + "\nevent: reset\ndata: {\"last\":" + number(head_) + "}\n\n";
  switch (subscriber.writer.write(text)) {
    case Written::kTaken:
      subscriber.position = head_;
      return Pumped::kDone;
    case Written::kFull:
      subscriber.blocked = true;
      return Pumped::kDone;
    case Written::kTooLarge:
    case Written::kGone:
      break;
  }
  return Pumped::kGone;
}

// Says how far it is, too: its filter may have left everything out.
void EventFeed::heartbeat() {
  for (const auto& subscriber : subscribers_) {
    if (!subscriber->blocked) {
      static_cast<void>(subscriber->writer.write(":\nid: " + number(subscriber->position) + "\n\n"));
    }
  }
}

void EventFeed::tell_health() {
  const bool healthy = ready_();
  if (std::exchange(healthy_, healthy) == healthy) {
    return;
  }
  const std::string text = health_text();
  for (const auto& subscriber : subscribers_) {
    if (!subscriber->blocked) {
      static_cast<void>(subscriber->writer.write(text));
    }
  }
}

std::string EventFeed::health_text() const {
  return std::string("event: health\ndata: {\"ready\":") + (healthy_ ? "true" : "false") + "}\n\n";
}

}  // namespace facepipe::serve
