// Counters of a running server, in Prometheus' text format.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <string>

#include "worker/counters.h"

namespace facepipe::server {

// Thread-safe; every counter only grows.
struct Metrics {
  std::atomic<std::int64_t> frames_accepted = 0;
  std::atomic<std::int64_t> frames_refused = 0;   // 4xx other than 429
  std::atomic<std::int64_t> frames_failed = 0;    // 5xx
  std::atomic<std::int64_t> frames_deferred = 0;  // 429: the line was full
  worker::Counters faces;
  std::function<std::int64_t()> gallery_failures;  // set before the server listens; thread-safe; empty: no recognition
};

// Prometheus text exposition format 0.0.4.
[[nodiscard]] std::string to_prometheus(const Metrics& metrics);

}  // namespace facepipe::server
