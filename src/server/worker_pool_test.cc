#include "server/worker_pool.h"

#include <gtest/gtest.h>

#include <atomic>
#include <latch>

namespace facepipe::server {
namespace {

bool submit(WorkerPool& pool, std::function<void()> job) {
  return pool.try_submit(job);
}

TEST(WorkerPool, RefusesWhenTheLineIsFullAndFinishesWhatItTook) {
  std::latch release(1);
  std::atomic<int> done = 0;
  const auto job = [&] {
    release.wait();
    ++done;
  };
  WorkerPool pool(2, 3);
  int taken = 0;
  while (taken < 100 && submit(pool, job)) {
    ++taken;
  }
  EXPECT_EQ(taken, 5);  // two at work, three in the line
  release.count_down();
  pool.drain();
  EXPECT_EQ(done, 5);
  EXPECT_FALSE(submit(pool, job));
}

TEST(WorkerPool, ARefusedJobStaysWithTheCaller) {
  WorkerPool pool(1, 0);
  pool.drain();
  bool called = false;
  std::function<void()> job = [&] { called = true; };
  ASSERT_FALSE(pool.try_submit(job));
  job();
  EXPECT_TRUE(called);
}

TEST(WorkerPool, RunsJobsOfManyCallers) {
  std::atomic<int> done = 0;
  int taken = 0;
  {
    WorkerPool pool(4, 1000);
    for (int i = 0; i < 500; ++i) {
      taken += submit(pool, [&] { ++done; }) ? 1 : 0;
    }
  }
  EXPECT_EQ(taken, 500);
  EXPECT_EQ(done, 500);
}

}  // namespace
}  // namespace facepipe::server
