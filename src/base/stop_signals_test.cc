#include "base/stop_signals.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>

namespace facepipe {
namespace {

// The exit status of `work` in a process of its own, which ends itself if it takes long. Signals are the process's.
template <typename Work>
int in_a_child(const Work& work) {
  const pid_t child = ::fork();
  if (child == 0) {
    constexpr unsigned kPatienceS = 20;
    ::alarm(kPatienceS);
    std::_Exit(work());
  }
  int status = 0;
  EXPECT_EQ(::waitpid(child, &status, 0), child);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

void send(int signal) {
  static_cast<void>(::kill(::getpid(), signal));
}

TEST(StopSignals, EachIsTakenWhileTheProgramStarts) {
  for (const int signal : {SIGTERM, SIGINT, SIGHUP}) {
    EXPECT_EQ(in_a_child([signal] {
                std::signal(SIGHUP, SIG_DFL);  // whatever the tests were started with
                block_stop_signals();
                const StopWhileStarting starting([](int taken) { std::_Exit(taken); });
                send(signal);
                ::pause();  // a start that never ends
                return 99;
              }),
              signal);
  }
}

TEST(StopSignals, OneThatComesLaterIsLeftForWhoWaits) {
  EXPECT_EQ(in_a_child([] {
              block_stop_signals();
              {
                const StopWhileStarting starting([](int) { std::_Exit(98); });
              }
              send(SIGTERM);
              return wait_for_stop_signal();
            }),
            SIGTERM);
}

TEST(StopSignals, HangupIsAStopUnlessItIsIgnored) {
  EXPECT_EQ(in_a_child([] {
              std::signal(SIGHUP, SIG_DFL);
              block_stop_signals();
              send(SIGHUP);
              return wait_for_stop_signal(std::chrono::milliseconds(10'000));
            }),
            SIGHUP);
  EXPECT_EQ(in_a_child([] {
              std::signal(SIGHUP, SIG_IGN);  // nohup
              block_stop_signals();
              send(SIGHUP);
              send(SIGTERM);
              return wait_for_stop_signal();
            }),
            SIGTERM);
}

}  // namespace
}  // namespace facepipe
