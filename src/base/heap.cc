// The settings are process-wide, so a program chooses them, never a library. Measured by the memory bound of
// tests/e2e/test_hostile.py.
#include "base/heap.h"

#ifdef __GLIBC__
#include <malloc.h>
#endif

namespace facepipe {

void keep_heap_small() {
#ifdef __GLIBC__
  constexpr int kArenas = 2;
  constexpr int kOwnPagesFrom = 256 * 1024;  // fixed: by itself glibc raises it to 32 MiB as such blocks are freed
  constexpr int kTrimFrom = 4 * 1024 * 1024;
  (void)mallopt(M_ARENA_MAX, kArenas);
  (void)mallopt(M_MMAP_THRESHOLD, kOwnPagesFrom);
  (void)mallopt(M_TRIM_THRESHOLD, kTrimFrom);
#endif
}

}  // namespace facepipe
