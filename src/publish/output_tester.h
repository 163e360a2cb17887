// Sends a test to an output, for whoever sets one up.
#pragma once

#include <chrono>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "publish/publisher.h"

namespace facepipe::publish {

inline constexpr std::string_view kTestEvent = "test";  // type of the event

// What became of a test.
struct Tested {
  std::string key;  // NewEvent::key
  Outcome outcome;
  std::chrono::milliseconds took{};
};

// Beside the output's sender, at once and once, whatever waits in the outbox: nothing is stored. Thread-safe.
class OutputTester {
 public:
  static constexpr std::chrono::seconds kPause{2};  // between two tests

  // `publisher` is its own. The clock outlives it.
  OutputTester(std::unique_ptr<Publisher> publisher, const Clock& clock)
      : publisher_(std::move(publisher)), clock_(clock) {}
  [[nodiscard]] const std::string& output() const { return publisher_->name(); }
  // Takes as long as Publisher::send. Nothing: one is under way, or was less than kPause ago. `who` is told in the
  // event.
  [[nodiscard]] std::optional<Tested> test(std::string_view who);

 private:
  const std::unique_ptr<Publisher> publisher_;
  const Clock& clock_;
  std::mutex mutex_;
  std::optional<std::chrono::steady_clock::time_point> last_;  // guarded by mutex_
};

}  // namespace facepipe::publish
