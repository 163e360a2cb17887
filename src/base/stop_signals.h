// SIGTERM and SIGINT of a long-running program.
#pragma once

#include <chrono>

namespace facepipe {

// Blocks both in the calling thread and those that it starts later, so call it before any is started; they are then
// taken by the functions below. SIGPIPE is ignored: a peer that went away is an error code, not the end.
void block_stop_signals();
// Undoes that for both, in the calling thread: for a program that is about to end, and must not outlive a signal
// because its last message cannot be written.
void release_stop_signals();
// The signal's number, as soon as one comes.
[[nodiscard]] int wait_for_stop_signal();
// The same for at most `limit`; 0: none came.
[[nodiscard]] int wait_for_stop_signal(std::chrono::milliseconds limit);

}  // namespace facepipe
