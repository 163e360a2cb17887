// SIGTERM, SIGINT and SIGHUP of a long-running program: each asks it to stop.
#pragma once

#include <chrono>
#include <functional>
#include <thread>

namespace facepipe {

// Blocks them in the calling thread and those that it starts later, so call it before any is started; they are then
// taken by the functions below. A SIGHUP that the program was started to ignore (nohup) stays ignored. SIGPIPE is
// ignored: a peer that went away is an error code, not the end.
void block_stop_signals();
// Undoes that for both, in the calling thread: for a program that is about to end, and must not outlive a signal
// because its last message cannot be written.
void release_stop_signals();
// The signal's number, as soon as one comes.
[[nodiscard]] int wait_for_stop_signal();
// The same for at most `limit`; 0: none came.
[[nodiscard]] int wait_for_stop_signal(std::chrono::milliseconds limit);

// While a program starts nobody waits for its stop signals: as long as this lives, one that comes is taken by a thread
// of its own, which calls `stop` once. One that comes later is left for the functions above.
class StopWhileStarting {
 public:
  // After block_stop_signals(). `stop` may end the process; what runs meanwhile is not waited for.
  explicit StopWhileStarting(std::function<void(int signal)> stop);
  StopWhileStarting(const StopWhileStarting&) = delete;
  StopWhileStarting& operator=(const StopWhileStarting&) = delete;
  // Waits for a `stop` under way.
  ~StopWhileStarting();

 private:
  int over_ = -1;  // an eventfd
  std::thread thread_;
};

}  // namespace facepipe
