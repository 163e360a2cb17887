// Tested by stop_signals_test.cc, and by tests/e2e and tests/lambda with the programs themselves.
#include "base/stop_signals.h"

#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <csignal>
#include <cstdint>
#include <ctime>
#include <utility>

#include "base/check.h"
#include "base/process.h"

namespace facepipe {
namespace {

std::atomic<bool> hangup_ignored = false;  // by who started the program; set once, before any thread

sigset_t stop_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  if (!hangup_ignored) {
    sigaddset(&signals, SIGHUP);
  }
  return signals;
}

// 0: `over` came first.
int signal_before(int over) {
  const sigset_t signals = stop_signals();
  const Descriptor taken(::signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK));
  std::array<pollfd, 2> waits = {pollfd{over, POLLIN, 0}, pollfd{taken.get(), POLLIN, 0}};
  while (true) {
    static_cast<void>(::poll(waits.data(), waits.size(), -1));
    if (waits[0].revents != 0) {
      return 0;
    }
    signalfd_siginfo info{};
    if (waits[1].revents != 0 && ::read(taken.get(), &info, sizeof(info)) == static_cast<ssize_t>(sizeof(info))) {
      return static_cast<int>(info.ssi_signo);
    }
  }
}

}  // namespace

void block_stop_signals() {
  struct sigaction before{};
  hangup_ignored = ::sigaction(SIGHUP, nullptr, &before) == 0 && before.sa_handler == SIG_IGN;
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

StopWhileStarting::StopWhileStarting(std::function<void(int signal)> stop) : over_(::eventfd(0, EFD_CLOEXEC)) {
  FACEPIPE_CHECK(over_ >= 0);
  thread_ = std::thread([stop = std::move(stop), over = over_] {
    if (const int signal = signal_before(over); signal != 0) {
      stop(signal);
    }
  });
}

StopWhileStarting::~StopWhileStarting() {
  const std::uint64_t one = 1;
  static_cast<void>(::write(over_, &one, sizeof(one)) == static_cast<ssize_t>(sizeof(one)));
  thread_.join();
  ::close(over_);
}

}  // namespace facepipe
