// What the API tells of the server as a whole.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "queue/store/queue_store.h"

namespace facepipe::serve {

struct SystemCheck {
  std::string name;
  bool ok = true;
  std::string message;  // what is wrong; empty where nothing is
};

// Calls are thread-safe and quick. What is pointed to outlives it.
struct SystemView {
  std::string version;
  Clock::TimePoint started;
  std::function<bool()> ready;
  std::function<std::optional<std::int64_t>()> people;  // of the gallery in use; nothing without recognition
  std::function<std::vector<SystemCheck>()> checks;
  queue::QueueStore* queues = nullptr;
  std::vector<std::string> queue_names;
  std::string dead_letters;                  // the queue of face messages that failed for good
  std::map<std::string, std::string> fixed;  // settings of this run, by option
  std::vector<std::string> outputs;          // that events are delivered to
};

}  // namespace facepipe::serve
