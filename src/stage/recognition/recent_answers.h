// The messages that were answered lately, so that one that comes again is not answered twice.
#pragma once

#include <chrono>
#include <cstddef>
#include <deque>
#include <map>
#include <mutex>
#include <string>

#include "base/clock.h"
#include "queue/message.h"

namespace facepipe::stage {

struct RecentAnswersOptions {
  std::size_t capacity = 10'000;    // messages remembered, about 200 bytes each; the oldest is forgotten. 0: none
  std::chrono::seconds window{60};  // see is_duplicate
};

// Memory only: a worker that is started anew has forgotten everything. Thread-safe.
class RecentAnswers {
 public:
  explicit RecentAnswers(const RecentAnswersOptions& options) : options_(options) {}
  void add(const queue::ReceivedMessage& message);
  // True for a message of the same content (so of the same request id and face) as a remembered one, if it is that
  // message itself, delivered again, or one that was sent within the window before or after it: a sender that tried
  // twice. A frame that a client sends again later under its old id, or another picture under the same id, is answered.
  [[nodiscard]] bool is_duplicate(const queue::ReceivedMessage& message) const;
  [[nodiscard]] std::size_t size() const;

 private:
  struct Entry {
    std::string message_id;
    Clock::TimePoint sent_at;
  };
  using Entries = std::multimap<std::string, Entry>;  // by the body's SHA-256: one content may be answered again later
  const RecentAnswersOptions options_;
  mutable std::mutex mutex_;
  Entries entries_;
  std::deque<Entries::iterator> order_;  // from the oldest
};

}  // namespace facepipe::stage
