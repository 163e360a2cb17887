// What a recognition loop has done so far.
#pragma once

#include "metrics/registry.h"

namespace facepipe::stage {

// Thread-safe; every member only grows.
struct Counters {
  metrics::Counter received;
  metrics::Counter answers;         // sent
  metrics::Counter answer_errors;   // of them, with result "error"
  metrics::Counter duplicates;      // removed without a second answer
  metrics::Counter retries;         // left for another try
  metrics::Counter given_back;      // back on the queue at once, because of a stop
  metrics::Counter not_removed;     // answered, but could not be removed
  metrics::Counter heartbeats;      // extensions of a visibility time-out
  metrics::Counter receive_errors;  // receive calls that failed
};

}  // namespace facepipe::stage
