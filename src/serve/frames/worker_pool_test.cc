#include "serve/frames/worker_pool.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <latch>

namespace facepipe::serve {
namespace {

using ::testing::ElementsAre;

constexpr std::chrono::milliseconds kNever = std::chrono::hours(1);  // no job is long

bool submit(
    WorkerPool& pool, std::function<void()> run, const std::string& camera = "door",
    std::function<void()> refuse = [] {}) {
  Job job{std::move(run), std::move(refuse)};
  return pool.try_submit(camera, job);
}

// Holds threads until it is let go.
class Gate {
 public:
  explicit Gate(int threads) : entered_(threads) {}
  std::function<void()> job() {
    return [this] {
      entered_.count_down();
      open_.wait();
    };
  }
  void wait_for_all() { entered_.wait(); }
  void open() { open_.count_down(); }

 private:
  std::latch entered_;
  std::latch open_{1};
};

TEST(WorkerPool, RefusesWhenTheLineIsFullAndFinishesWhatItTook) {
  std::latch release(1);
  std::atomic<int> done = 0;
  const auto job = [&] {
    release.wait();
    ++done;
  };
  WorkerPool pool(2, 3, kNever);
  int taken = 0;
  while (taken < 100 && submit(pool, job)) {
    ++taken;
  }
  EXPECT_EQ(taken, 5);  // two at work, three in the line
  EXPECT_FALSE(pool.has_room_for("door"));
  release.count_down();
  pool.drain();
  EXPECT_EQ(done, 5);
  EXPECT_FALSE(submit(pool, job));
  EXPECT_FALSE(pool.has_room_for("door"));
}

TEST(WorkerPool, ARefusedJobStaysWithTheCaller) {
  WorkerPool pool(1, 0);
  pool.drain();
  bool called = false;
  Job job{[&] { called = true; }, [] {}};
  ASSERT_FALSE(pool.try_submit("door", job));
  job.run();
  EXPECT_TRUE(called);
}

TEST(WorkerPool, RunsJobsOfManyCallers) {
  std::atomic<int> done = 0;
  int taken = 0;
  {
    WorkerPool pool(4, 1000);
    for (int i = 0; i < 500; ++i) {
      taken += submit(pool, [&] { ++done; }, std::to_string(i % 7)) ? 1 : 0;
    }
  }
  EXPECT_EQ(taken, 500);
  EXPECT_EQ(done, 500);
}

TEST(WorkerPool, CamerasTakeTurns) {
  std::vector<std::string> order;
  {
    Gate gate(1);
    WorkerPool pool(1, 100, kNever);
    ASSERT_TRUE(submit(pool, gate.job()));
    gate.wait_for_all();
    for (const char* camera : {"a", "a", "a", "a", "b", "c", "b"}) {
      ASSERT_TRUE(submit(pool, [&order, camera] { order.emplace_back(camera); }, camera));
    }
    gate.open();
  }
  EXPECT_THAT(order, ElementsAre("a", "b", "c", "a", "b", "a", "a"));
}

TEST(WorkerPool, OfAFullLineTheOneWhoFloodsIsRefusedFirst) {
  std::vector<std::string> order;
  std::vector<int> refused;
  {
    Gate gate(1);
    WorkerPool pool(1, 4, kNever);
    ASSERT_TRUE(submit(pool, gate.job()));
    gate.wait_for_all();
    for (int i = 0; i < 4; ++i) {
      ASSERT_TRUE(
          submit(pool, [&order] { order.emplace_back("flood"); }, "flood", [&refused, i] { refused.push_back(i); }));
    }
    EXPECT_FALSE(pool.has_room_for("flood"));
    EXPECT_FALSE(submit(pool, [] {}, "flood"));
    EXPECT_TRUE(pool.has_room_for("calm"));
    EXPECT_TRUE(submit(pool, [&order] { order.emplace_back("calm"); }, "calm"));
    EXPECT_THAT(refused, ElementsAre(3));
    EXPECT_TRUE(submit(pool, [&order] { order.emplace_back("calm"); }, "calm"));  // two each
    EXPECT_THAT(refused, ElementsAre(3, 2));
    EXPECT_FALSE(pool.has_room_for("calm"));
    EXPECT_FALSE(submit(pool, [] {}, "calm"));
    EXPECT_TRUE(pool.has_room_for("third"));
    gate.open();
  }
  EXPECT_THAT(order, ElementsAre("flood", "calm", "flood", "calm"));
}

TEST(WorkerPool, NoCameraHoldsEveryThreadWhileAnotherIsAbout) {
  Gate first(1);
  std::latch second(1);
  std::latch calm(1);
  WorkerPool pool(2, 10, kNever);            // last: its threads end before what they use
  ASSERT_TRUE(submit(pool, [] {}, "calm"));  // is about now
  ASSERT_TRUE(submit(pool, first.job(), "flood"));
  first.wait_for_all();
  ASSERT_TRUE(submit(pool, [&] { second.count_down(); }, "flood"));
  ASSERT_TRUE(submit(pool, [&] { calm.count_down(); }, "calm"));
  calm.wait();  // on the other thread, at once
  EXPECT_FALSE(second.try_wait());
  second.wait();  // and when the other has not been heard of for two seconds, the flood has both
  first.open();
}

// Many cameras, or one, hold every thread with jobs that do not end; who comes then is served all the same.
TEST(WorkerPool, NobodyWaitsForTheEndOfOthersLongJobs) {
  for (const int threads : {1, 2, 3}) {
    for (const int hostile : {1, 5}) {
      WorkerPool pool(threads, 64, std::chrono::milliseconds(1));
      Gate gate(threads + hostile);
      for (int i = 0; i < threads + hostile; ++i) {
        ASSERT_TRUE(submit(pool, gate.job(), "hostile" + std::to_string(i % hostile)));
      }
      gate.wait_for_all();  // more than there are threads: the first were set aside
      std::latch served(1);
      ASSERT_TRUE(submit(pool, [&] { served.count_down(); }, "door"));
      served.wait();
      gate.open();
      pool.drain();
    }
  }
}

TEST(WorkerPool, LongJobsAreBounded) {
  constexpr int kOfOne = 2 + static_cast<int>(WorkerPool::kMaxLongOfOne);
  constexpr int kCameras = 20;
  std::atomic<int> at_work = 0;
  std::atomic<int> most = 0;
  WorkerPool pool(2, 1000, std::chrono::milliseconds(1));
  Gate gate(static_cast<int>(WorkerPool::kMaxLong) + 2);
  for (int i = 0; i < kCameras * kOfOne * 2; ++i) {
    const bool taken = submit(
        pool,
        [&, job = gate.job()] {
          most = std::max(most.load(), ++at_work);
          job();
          --at_work;
        },
        "camera" + std::to_string(i % kCameras));
    ASSERT_TRUE(taken);
  }
  gate.wait_for_all();
  EXPECT_EQ(at_work, static_cast<int>(WorkerPool::kMaxLong) + 2);
  pool.refuse_waiting();
  gate.open();
  pool.drain();
  EXPECT_EQ(most, static_cast<int>(WorkerPool::kMaxLong) + 2);
}

TEST(WorkerPool, OneCameraHasButSoManyLongJobs) {
  constexpr int kOfOne = 2 + static_cast<int>(WorkerPool::kMaxLongOfOne);
  std::atomic<int> at_work = 0;
  WorkerPool pool(2, 1000, std::chrono::milliseconds(1));
  Gate gate(kOfOne);
  for (int i = 0; i < 3 * kOfOne; ++i) {
    const bool taken = submit(
        pool,
        [&, job = gate.job()] {
          ++at_work;
          job();
        },
        "hostile");
    ASSERT_TRUE(taken);
  }
  gate.wait_for_all();
  std::latch served(1);
  ASSERT_TRUE(submit(pool, [&] { served.count_down(); }, "door"));
  served.wait();
  EXPECT_EQ(at_work, kOfOne);
  pool.refuse_waiting();
  gate.open();
  pool.drain();
  EXPECT_EQ(pool.waiting(), 0U);
}

TEST(WorkerPool, RefusesWhatWaitsWhenItIsTold) {
  WorkerPool pool(1, 8, kNever);
  Gate gate(1);
  ASSERT_TRUE(submit(pool, gate.job()));
  gate.wait_for_all();
  int refused = 0;
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(submit(pool, [] { FAIL() << "refused jobs do not run"; }, "door", [&] { ++refused; }));
  }
  pool.refuse_waiting();
  EXPECT_EQ(refused, 3);
  EXPECT_EQ(pool.waiting(), 0U);
  EXPECT_FALSE(submit(pool, [] {}));
  gate.open();
  pool.drain();
}

}  // namespace
}  // namespace facepipe::serve
