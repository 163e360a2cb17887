#include "serve/sqs/job_runner.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <latch>

namespace facepipe::serve::sqs {
namespace {

using namespace std::chrono_literals;

TEST(JobRunner, RunsJobsAndFinishesThemAtStop) {
  std::atomic<int> runs = 0;
  JobRunner runner(2);
  for (int i = 0; i < 100; ++i) {
    runner.post([&] { ++runs; });
  }
  runner.stop();
  EXPECT_EQ(runs, 100);
  runner.post([&] { ++runs; });
  JobRunner::Job job = [&] { ++runs; };
  EXPECT_FALSE(runner.try_post(job, 10));
  EXPECT_TRUE(job) << "a job that was not taken is the caller's";
  EXPECT_EQ(runs, 100);
}

TEST(JobRunner, TryPostIsBounded) {
  std::latch running(1);
  std::latch go_on(1);
  JobRunner runner(1);
  runner.post([&] {
    running.count_down();
    go_on.wait();
  });
  running.wait();
  std::atomic<int> runs = 0;
  for (int i = 0; i < 4; ++i) {
    JobRunner::Job job = [&] { ++runs; };
    EXPECT_EQ(runner.try_post(job, 3), i < 3) << i;
  }
  go_on.count_down();
  runner.stop();
  EXPECT_EQ(runs, 3);
}

TEST(JobRunner, TimedJobsRunInTheOrderOfTheirTimes) {
  JobRunner runner(1);
  std::promise<std::string> done;
  std::string order;
  const auto now = std::chrono::steady_clock::now();
  runner.post_at(now + 60ms, [&] { order += 'b'; });
  runner.post_at(now + 20ms, [&] { order += 'a'; });
  runner.post_at(now + 100ms, [&] { done.set_value(order); });
  auto result = done.get_future();
  ASSERT_EQ(result.wait_for(20s), std::future_status::ready);
  EXPECT_EQ(result.get(), "ab");
  EXPECT_GE(std::chrono::steady_clock::now(), now + 100ms);
}

TEST(JobRunner, StopDropsTimedJobs) {
  JobRunner runner(2);
  bool ran = false;
  runner.post_at(std::chrono::steady_clock::now() + 1h, [&] { ran = true; });
  runner.stop();
  EXPECT_FALSE(ran);
}

}  // namespace
}  // namespace facepipe::serve::sqs
