// Counters of a running server, in Prometheus' text format.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <string>

#include "base/work_memory.h"
#include "stage/recognition/counters.h"

namespace facepipe::serve {

// Thread-safe; every counter only grows.
struct Metrics {
  std::atomic<std::int64_t> frames_accepted = 0;
  std::atomic<std::int64_t> frames_refused = 0;     // 4xx other than 429
  std::atomic<std::int64_t> frames_failed = 0;      // 5xx
  std::atomic<std::int64_t> frames_deferred = 0;    // 429: the line was full
  std::atomic<std::int64_t> frames_timed_out = 0;   // 504, of those that failed
  std::atomic<std::int64_t> frames_incomplete = 0;  // accepted, with more candidates than are looked at
  std::atomic<std::int64_t> faces_left_out = 0;     // found, past the bound on a frame's faces
  stage::Counters faces;
  std::function<std::int64_t()> gallery_failures;  // set before the server listens; thread-safe; empty: no recognition
  const WorkMemory* memory = nullptr;              // told too, where there is one
};

// Prometheus text exposition format 0.0.4.
[[nodiscard]] std::string to_prometheus(const Metrics& metrics);

}  // namespace facepipe::serve
