#include "base/check.h"

#include <atomic>
#include <cstdio>
#include <cstdlib>

namespace facepipe {
namespace {

std::atomic<void (*)()> before_abort = nullptr;

}  // namespace

void set_last_words(void (*last_words)()) {
  before_abort = last_words;
}

void check_failed(const char* condition, const char* file, int line) {
  if (auto* const last_words = before_abort.load()) {
    last_words();
  }
  std::fprintf(stderr, "%s:%d: check failed: %s\n", file, line, condition);
  std::abort();
}

}  // namespace facepipe
