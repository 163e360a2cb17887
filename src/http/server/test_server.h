// For tests: a server whose times do not end by themselves, and how long is waited for what must happen.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <thread>

#include "http/server/server.h"
#include "http/server/shared_limits.h"

namespace facepipe::http::testing {

inline constexpr std::chrono::seconds kPatience{60};  // a slow machine's, too: a bound, not a measurement
inline constexpr std::chrono::minutes kLong{10};      // what is not to be waited for

// Nobody is slow, and no time ends.
inline ServerOptions patient() {
  ServerOptions options;
  options.slow_after = options.idle_timeout = options.header_timeout = kLong;
  options.read_timeout = options.write_timeout = kLong;
  options.min_bytes_per_second = 0;
  return options;
}

// False if it does not come to be so.
template <typename Condition>
[[nodiscard]] bool in_time(const Condition& condition) {
  const auto end = std::chrono::steady_clock::now() + kPatience;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > end) {
      return false;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  return true;
}

// Until so much is held of the memory for bodies.
inline void wait_for_held(const SharedLimits& limits, std::size_t bytes) {
  EXPECT_TRUE(in_time([&] { return limits.used() == bytes; })) << limits.used();
}

}  // namespace facepipe::http::testing
