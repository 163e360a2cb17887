// The C library's heap of a long-running program.
#pragma once

namespace facepipe {

// Freed memory goes back to the system instead of staying resident: a few arenas for all threads (by default eight a
// core, each of which keeps what was freed in it), and every block from a quarter of a MiB on in pages of its own.
// Once, before threads are started. Nothing happens with another C library than glibc.
void keep_heap_small();

}  // namespace facepipe
