// Tested by tests/e2e and tests/lambda with the programs themselves.
#include "base/stop_signals.h"

#include <pthread.h>

#include <csignal>
#include <ctime>

namespace facepipe {
namespace {

sigset_t stop_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  return signals;
}

}  // namespace

void block_stop_signals() {
  const sigset_t signals = stop_signals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
}

void release_stop_signals() {
  const sigset_t signals = stop_signals();
  pthread_sigmask(SIG_UNBLOCK, &signals, nullptr);
}

int wait_for_stop_signal() {
  const sigset_t signals = stop_signals();
  int signal = 0;
  sigwait(&signals, &signal);
  return signal;
}

int wait_for_stop_signal(std::chrono::milliseconds limit) {
  const sigset_t signals = stop_signals();
  const auto seconds = std::chrono::floor<std::chrono::seconds>(limit);
  const std::timespec time{static_cast<std::time_t>(seconds.count()),
                           static_cast<long>(std::chrono::nanoseconds(limit - seconds).count())};
  const int signal = sigtimedwait(&signals, nullptr, &time);
  return signal > 0 ? signal : 0;
}

}  // namespace facepipe
