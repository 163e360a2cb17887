// What of a store whoever follows events or sends them on needs to know.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <span>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "faces/pages.h"
#include "faces/records.h"

namespace facepipe::faces {

// Thread-safe. Errors: kInvalidArgument for a cursor of another question or a limit out of range, kNotFound where one
// record is asked for, kExhausted (no space: nothing of the call is stored), kInvalidData (damaged), kUnavailable.
class EventLog {
 public:
  virtual ~EventLog() = default;

  // At most `limit` after `after`, in order. Events are kept for a time: kNotFound, naming the oldest, where `after` is
  // older than that.
  [[nodiscard]] virtual Result<std::vector<Event>> events_after(EventId after, std::size_t limit) = 0;
  [[nodiscard]] virtual Result<EventId> last_event() = 0;  // EventId{0}: none yet

  // Called after each commit that stored events, with the last one: on the committing thread, must not block nor call
  // the store. Returns an id for remove_listener, after which it is not running and never called again.
  using Listener = std::function<void(EventId last)>;
  [[nodiscard]] virtual int add_listener(Listener listener) = 0;
  virtual void remove_listener(int id) = 0;
};

// No delivery waits for longer: one that seems to was put off before the clock was set back.
inline constexpr std::chrono::hours kLongestWait{2};

// An output's delivery of one event.
struct Delivery {
  EventId event{};
  std::string output;
  int attempts = 0;
  Clock::TimePoint due{};
  bool dead = false;  // given up; to be sent again by retry_dead
  std::string error;  // of the last attempt; holds no payload
  // Of dead_deliveries alone: NewEvent's.
  std::string key = {};
  std::string type = {};
  Clock::TimePoint time{};
};

// The events that outputs are still to get. Likewise.
class Outbox : public EventLog {
 public:
  // From now on every event is to be delivered by these outputs; deliveries of others are dropped.
  [[nodiscard]] virtual Status set_outputs(std::span<const std::string> outputs) = 0;
  // At most `limit` deliveries of the output that are due, the oldest event first, each with its event; none behind one
  // that waits for its time (kLongestWait at most), so that an output gets its events in order.
  [[nodiscard]] virtual Result<std::vector<std::pair<Delivery, Event>>> due(const std::string& output,
                                                                            std::size_t limit) = 0;
  [[nodiscard]] virtual Status delivered(const std::string& output, std::span<const EventId> events) = 0;
  // Not delivered: again at `delivery.due`, or never (`dead`).
  [[nodiscard]] virtual Status put_off(const Delivery& delivery) = 0;
  [[nodiscard]] virtual Result<Page<Delivery>> dead_deliveries(const PageRequest& page) = 0;
  [[nodiscard]] virtual Result<std::int64_t> retry_dead(const std::string& output) = 0;  // how many
};

}  // namespace facepipe::faces
