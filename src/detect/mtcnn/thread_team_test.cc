#include "detect/mtcnn/thread_team.h"

#include <gtest/gtest.h>

#include <atomic>
#include <stdexcept>

namespace facepipe::detect {
namespace {

TEST(ThreadTeam, DoesEveryPieceOnce) {
  for (const int threads : {1, 2, 5}) {
    ThreadTeam team(threads);
    EXPECT_EQ(team.threads(), threads);
    for (const int count : {0, 1, 2, 100}) {
      std::vector<std::atomic<int>> done(static_cast<std::size_t>(count));
      team.run(count, [&](int, int index) { ++done[static_cast<std::size_t>(index)]; });
      for (const std::atomic<int>& times : done) {
        EXPECT_EQ(times.load(), 1);
      }
    }
  }
}

TEST(ThreadTeam, NeverUsesASlotTwiceAtOnce) {
  constexpr int kThreads = 4;
  ThreadTeam team(kThreads);
  std::array<std::atomic<int>, kThreads> in_use = {};
  std::atomic<int> clashes = 0;
  team.run(2000, [&](int slot, int) {
    if (++in_use[static_cast<std::size_t>(slot)] != 1) {
      ++clashes;
    }
    std::this_thread::yield();
    --in_use[static_cast<std::size_t>(slot)];
  });
  EXPECT_EQ(clashes.load(), 0);
}

TEST(ThreadTeam, ServesConcurrentCalls) {
  ThreadTeam team(3);
  std::atomic<int> done = 0;
  std::vector<std::thread> callers;
  for (int caller = 0; caller < 4; ++caller) {
    callers.emplace_back([&] {
      for (int round = 0; round < 50; ++round) {
        team.run(7, [&](int, int) { ++done; });
      }
    });
  }
  for (std::thread& caller : callers) {
    caller.join();
  }
  EXPECT_EQ(done.load(), 4 * 50 * 7);
}

TEST(ThreadTeam, PassesAnExceptionOnAndKeepsWorking) {
  for (const int threads : {1, 3}) {
    ThreadTeam team(threads);
    EXPECT_THROW(team.run(50,
                          [](int, int index) {
                            if (index == 10) {
                              throw std::runtime_error("piece 10");
                            }
                          }),
                 std::runtime_error);
    std::atomic<int> done = 0;
    team.run(5, [&](int, int) { ++done; });
    EXPECT_EQ(done.load(), 5);
  }
}

}  // namespace
}  // namespace facepipe::detect
