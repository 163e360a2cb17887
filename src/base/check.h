// FACEPIPE_CHECK: an invariant of our own code. Never reachable by input bytes, so it stays on in every build.
#pragma once

namespace facepipe {
// Prints the place and the condition to stderr and aborts.
[[noreturn]] void check_failed(const char* condition, const char* file, int line);
}  // namespace facepipe

#define FACEPIPE_CHECK(condition)                               \
  do {                                                          \
    if (!(condition)) {                                         \
      ::facepipe::check_failed(#condition, __FILE__, __LINE__); \
    }                                                           \
  } while (false)
