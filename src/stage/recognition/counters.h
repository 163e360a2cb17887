// What a recognition loop has done so far.
#pragma once

#include <atomic>
#include <cstdint>

namespace facepipe::stage {

// Thread-safe; every member only grows.
struct Counters {
  std::atomic<std::int64_t> received = 0;
  std::atomic<std::int64_t> answers = 0;         // sent
  std::atomic<std::int64_t> answer_errors = 0;   // of them, with result "error"
  std::atomic<std::int64_t> duplicates = 0;      // removed without a second answer
  std::atomic<std::int64_t> retries = 0;         // left for another try
  std::atomic<std::int64_t> given_back = 0;      // untouched, because of a stop
  std::atomic<std::int64_t> not_removed = 0;     // answered, but could not be removed
  std::atomic<std::int64_t> heartbeats = 0;      // extensions of a visibility time-out
  std::atomic<std::int64_t> receive_errors = 0;  // receive calls that failed
};

}  // namespace facepipe::stage
