// What the API tells of the server as a whole.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "metrics/recent.h"
#include "queue/store/queue_store.h"

namespace facepipe::serve {

struct SystemCheck {
  std::string name;
  bool ok = true;
  std::string message;  // what is wrong; empty where nothing is
};

// What became of a test event.
struct OutputTest {
  std::string key;  // NewEvent::key
  bool delivered = false;
  std::optional<int> status;  // of HTTP
  std::string error;          // empty: none
  std::chrono::milliseconds took{};
};

// Calls are thread-safe and quick, but for test_output. What is pointed to outlives it.
struct SystemView {
  std::string version;
  Clock::TimePoint started;
  std::function<bool()> ready;
  std::function<std::optional<std::int64_t>()> people;  // of the gallery in use; nothing without recognition
  std::function<std::vector<SystemCheck>()> checks;
  queue::QueueStore* queues = nullptr;
  std::vector<std::string> queue_names;
  std::string dead_letters;                  // the queue of face messages that failed for good
  std::map<std::string, std::string> fixed;  // settings of this run, by option: those that cannot be changed
  std::vector<std::string> outputs;          // that events are delivered to
  // Takes as long as the receiver, within seconds. Nothing: one was tested just now; kNotFound for no such output.
  std::function<Result<std::optional<OutputTest>>(const std::string& output, std::string_view who)> test_output;
  const metrics::Recent* frames = nullptr;   // accepted: seconds of work; null: not counted
  const metrics::Recent* answers = nullptr;  // of faces: seconds from when the frame was accepted
};

}  // namespace facepipe::serve
