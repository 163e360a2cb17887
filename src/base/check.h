// FACEPIPE_CHECK: an invariant of our own code. Never reachable by input bytes, so it stays on in every build.
#pragma once

namespace facepipe {
// Prints the place and the condition to stderr and aborts.
[[noreturn]] void check_failed(const char* condition, const char* file, int line);
// What check_failed() calls before that, in place of what was set before: a log's chance to write what waits. It must
// come back. Thread-safe.
void set_last_words(void (*last_words)());
}  // namespace facepipe

#define FACEPIPE_CHECK(condition)                               \
  do {                                                          \
    if (!(condition)) {                                         \
      ::facepipe::check_failed(#condition, __FILE__, __LINE__); \
    }                                                           \
  } while (false)
