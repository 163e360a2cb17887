#include "serve/frames/frame_pool.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <array>
#include <atomic>
#include <latch>
#include <numeric>

namespace facepipe::serve {
namespace {

using ::testing::ElementsAre;

constexpr std::chrono::milliseconds kNever = std::chrono::hours(1);  // no job is long, no camera leaves

bool submit(
    FramePool& pool, std::function<void()> run, const std::string& camera = "door",
    std::function<void()> refuse = [] {}) {
  Job job{std::move(run), std::move(refuse)};
  return pool.try_submit(camera, job);
}

bool submit_in_order(FramePool& pool, std::function<void()> run, const std::string& camera = "door") {
  Job job{std::move(run), [] {}, true};
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

TEST(FramePool, RefusesWhenTheLineIsFullAndFinishesWhatItTook) {
  std::latch release(1);
  std::atomic<int> done = 0;
  const auto job = [&] {
    release.wait();
    ++done;
  };
  FramePool pool(2, 3, kNever);
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

TEST(FramePool, ARefusedJobStaysWithTheCaller) {
  FramePool pool(1, 0);
  pool.drain();
  bool called = false;
  Job job{[&] { called = true; }, [] {}};
  ASSERT_FALSE(pool.try_submit("door", job));
  job.run();
  EXPECT_TRUE(called);
}

TEST(FramePool, RunsJobsOfManyCallers) {
  std::atomic<int> done = 0;
  int taken = 0;
  {
    FramePool pool(4, 1000);
    for (int i = 0; i < 500; ++i) {
      taken += submit(pool, [&] { ++done; }, std::to_string(i % 7)) ? 1 : 0;
    }
  }
  EXPECT_EQ(taken, 500);
  EXPECT_EQ(done, 500);
}

TEST(FramePool, CamerasTakeTurns) {
  std::vector<std::string> order;
  {
    Gate gate(1);
    FramePool pool(1, 100, kNever);
    ASSERT_TRUE(submit(pool, gate.job()));
    gate.wait_for_all();
    for (const char* camera : {"a", "a", "a", "a", "b", "c", "b"}) {
      ASSERT_TRUE(submit(pool, [&order, camera] { order.emplace_back(camera); }, camera));
    }
    gate.open();
  }
  EXPECT_THAT(order, ElementsAre("a", "b", "c", "a", "b", "a", "a"));
}

TEST(FramePool, OfAFullLineTheOneWhoFloodsIsRefusedFirst) {
  std::vector<std::string> order;
  std::vector<int> refused;
  {
    Gate gate(1);
    FramePool pool(1, 4, kNever);
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

TEST(FramePool, NoCameraHoldsEveryThreadWhileAnotherIsAbout) {
  Gate first(1);
  std::atomic<bool> second = false;
  std::latch calm(1);
  FramePool pool(2, 10, kNever, kNever);     // last: its threads end before what they use
  ASSERT_TRUE(submit(pool, [] {}, "calm"));  // is about from now on
  ASSERT_TRUE(submit(pool, first.job(), "flood"));
  first.wait_for_all();
  ASSERT_TRUE(submit(pool, [&] { second = true; }, "flood"));
  ASSERT_TRUE(submit(pool, [&] { calm.count_down(); }, "calm"));
  calm.wait();  // on the other thread, at once
  EXPECT_FALSE(second);
  first.open();
}

TEST(FramePool, ACameraHasEveryThreadWhenTheOtherIsNoLongerAbout) {
  Gate both(2);
  FramePool pool(2, 10, kNever, std::chrono::milliseconds(20));
  ASSERT_TRUE(submit(pool, [] {}, "calm"));
  ASSERT_TRUE(submit(pool, both.job(), "flood"));
  ASSERT_TRUE(submit(pool, both.job(), "flood"));
  both.wait_for_all();
  both.open();
}

// Many cameras, or one, hold every thread with jobs that do not end; who comes then is served all the same.
TEST(FramePool, NobodyWaitsForTheEndOfOthersLongJobs) {
  for (const int threads : {1, 2, 3}) {
    for (const int hostile : {1, 5}) {
      FramePool pool(threads, 64, std::chrono::milliseconds(1));
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

TEST(FramePool, LongJobsAreBounded) {
  constexpr int kOfOne = 2 + static_cast<int>(FramePool::kMaxLongOfOne);
  constexpr int kCameras = 20;
  std::mutex mutex;  // guards both
  int at_work = 0;
  int most = 0;
  FramePool pool(2, 1000, std::chrono::milliseconds(1));
  Gate gate(static_cast<int>(FramePool::kMaxLong) + 2);
  for (int i = 0; i < kCameras * kOfOne * 2; ++i) {
    const bool taken = submit(
        pool,
        [&, job = gate.job()] {
          {
            const std::lock_guard lock(mutex);
            most = std::max(most, ++at_work);
          }
          job();
          const std::lock_guard lock(mutex);
          --at_work;
        },
        "camera" + std::to_string(i % kCameras));
    ASSERT_TRUE(taken);
  }
  gate.wait_for_all();
  std::this_thread::sleep_for(std::chrono::milliseconds(20));  // time for one more, which must not come
  pool.refuse_waiting();
  gate.open();
  pool.drain();
  EXPECT_EQ(most, static_cast<int>(FramePool::kMaxLong) + 2);
}

TEST(FramePool, OneCameraHasButSoManyLongJobs) {
  constexpr int kOfOne = 2 + static_cast<int>(FramePool::kMaxLongOfOne);
  std::atomic<int> at_work = 0;
  FramePool pool(2, 1000, std::chrono::milliseconds(1));
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

TEST(FramePool, RefusesWhatWaitsWhenItIsTold) {
  FramePool pool(1, 8, kNever);
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

TEST(FramePool, WhatWasSetAsideHasItsPriorityBackForTheEnd) {
  constexpr int kLowest = 19;
  const auto own_priority = [] { return ::getpriority(PRIO_PROCESS, 0); };  // of the calling thread
  const int usual = own_priority();
  int permitted = kLowest;
  std::thread([&] {
    static_cast<void>(::setpriority(PRIO_PROCESS, 0, kLowest));
    static_cast<void>(::setpriority(PRIO_PROCESS, 0, usual));
    permitted = own_priority();
  }).join();
  FramePool pool(1, 4, std::chrono::milliseconds(10));
  std::latch set_aside(1);
  std::latch told(1);
  int at_the_end = 0;
  ASSERT_TRUE(submit(pool, [&] {
    while (own_priority() != kLowest) {
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    set_aside.count_down();
    told.wait();
    at_the_end = own_priority();
  }));
  ASSERT_TRUE(submit(pool, [] {}));  // for which the other is set aside
  set_aside.wait();
  pool.refuse_waiting();
  told.count_down();
  pool.drain();
  EXPECT_EQ(at_the_end, permitted);
}

TEST(FramePool, ALaneKeepsTheOrderUnderLoad) {
  constexpr int kJobs = 300;
  std::array<std::vector<int>, 3> seen;  // each written by its camera's lane alone
  std::array<std::atomic<int>, 3> at_once{};
  std::atomic<int> others = 0;
  {
    FramePool pool(4, 10'000, std::chrono::milliseconds(1));
    for (int i = 0; i < kJobs; ++i) {
      for (std::size_t camera = 0; camera < seen.size(); ++camera) {
        const auto run = [&, camera, i] {
          EXPECT_EQ(++at_once[camera], 1);
          seen[camera].push_back(i);
          --at_once[camera];
        };
        ASSERT_TRUE(submit_in_order(pool, run, std::to_string(camera)));
        ASSERT_TRUE(submit(pool, [&] { ++others; }, std::to_string(camera)));
      }
    }
  }
  std::vector<int> in_order(kJobs);
  std::iota(in_order.begin(), in_order.end(), 0);
  for (const std::vector<int>& order : seen) {
    EXPECT_EQ(order, in_order);
  }
  EXPECT_EQ(others, 3 * kJobs);
}

TEST(FramePool, ALaneHoldsUpNobodyElse) {
  Gate first(1);
  std::latch others(3);
  std::atomic<bool> second = false;
  FramePool pool(3, 100, kNever);
  ASSERT_TRUE(submit_in_order(pool, first.job()));
  first.wait_for_all();
  ASSERT_TRUE(submit_in_order(pool, [&] { second = true; }));
  ASSERT_TRUE(submit(pool, [&] { others.count_down(); }));  // of the same camera, and asks for no order
  ASSERT_TRUE(submit(pool, [&] { others.count_down(); }, "yard"));
  ASSERT_TRUE(submit_in_order(pool, [&] { others.count_down(); }, "hall"));
  others.wait();
  EXPECT_FALSE(second) << "threads are free, but its lane is not";
  EXPECT_EQ(pool.waiting(), 1U);
  first.open();
  pool.drain();
  EXPECT_TRUE(second);
}

TEST(FramePool, ALongJobThatWasSetAsideKeepsItsLane) {
  Gate first(1);
  std::latch served(1);
  std::vector<std::string> order;
  FramePool pool(1, 100, std::chrono::milliseconds(1));
  ASSERT_TRUE(submit_in_order(pool, [&, hold = first.job()] {
    hold();
    order.emplace_back("first");
  }));
  first.wait_for_all();
  ASSERT_TRUE(submit_in_order(pool, [&] { order.emplace_back("second"); }));
  ASSERT_TRUE(submit(pool, [&] { served.count_down(); }, "yard"));
  served.wait();  // the only thread's job was set aside for it
  EXPECT_EQ(pool.waiting(), 1U);
  first.open();
  pool.drain();
  EXPECT_THAT(order, ElementsAre("first", "second"));
}

// Setting it aside would help nobody: what waits is behind it in its lane.
TEST(FramePool, ALongJobIsNotSetAsideForItsOwnLane) {
  FramePool pool(1, 100, std::chrono::milliseconds(1));
  std::latch submitted(1);
  int priority = -1;
  const int usual = ::getpriority(PRIO_PROCESS, 0);
  ASSERT_TRUE(submit_in_order(pool, [&] {
    submitted.wait();
    const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(20);
    while (std::chrono::steady_clock::now() < end) {
    }
    priority = ::getpriority(PRIO_PROCESS, 0);  // of this thread
  }));
  ASSERT_TRUE(submit_in_order(pool, [] {}));
  submitted.count_down();
  pool.drain();
  EXPECT_EQ(priority, usual);
}

}  // namespace
}  // namespace facepipe::serve
