#include "base/memory_budget.h"

#include <gtest/gtest.h>

#include <future>
#include <thread>

namespace facepipe {
namespace {

using std::chrono::milliseconds;

TEST(MemoryBudget, ShareIsGivenBackByItsEnd) {
  MemoryBudget budget(100, "--memory");
  {
    auto share = budget.try_take(60);
    ASSERT_TRUE(share);
    EXPECT_EQ(budget.used(), 60U);
    EXPECT_FALSE(budget.try_take(41));
    share->shrink_to(20);
    share->shrink_to(50);  // no more than it holds
    EXPECT_EQ(budget.used(), 20U);
    const MemoryShare moved = std::move(*share);
    EXPECT_EQ(moved.bytes(), 20U);
    EXPECT_EQ(budget.used(), 20U);
  }
  EXPECT_EQ(budget.used(), 0U);
  EXPECT_TRUE(budget.try_take(100));
}

TEST(MemoryBudget, SharesGrowAndLeaveRoomForOthers) {
  MemoryBudget budget(100, "--memory");
  MemoryShare share;
  auto first = budget.try_take(50, 30);
  ASSERT_TRUE(first);
  share.absorb(*std::move(first));
  EXPECT_EQ(share.bytes(), 50U);
  EXPECT_FALSE(budget.try_take(21, 30));
  auto more = budget.try_take(20, 30);
  ASSERT_TRUE(more);
  share.absorb(*std::move(more));
  EXPECT_EQ(share.bytes(), 70U);
  EXPECT_EQ(budget.used(), 70U);
  share.release();
  EXPECT_EQ(budget.used(), 0U);
}

TEST(MemoryBudget, MoreThanTheWholeIsTooLargeAtOnce) {
  MemoryBudget budget(100, "--memory");
  const auto share = budget.take(101, "picture", milliseconds(60'000));
  ASSERT_FALSE(share);
  EXPECT_EQ(share.error().code, ErrorCode::kTooLarge);
  EXPECT_EQ(share.error().message,
            "picture needs 101 bytes of memory: the limit of all work together is 100 (--memory)");
}

TEST(MemoryBudget, GivesUpWhenItsPatienceEnds) {
  MemoryBudget budget(100, "--memory");
  const auto held = budget.try_take(80);
  const auto share = budget.take(30, "picture", milliseconds(5));
  ASSERT_FALSE(share);
  EXPECT_EQ(share.error().code, ErrorCode::kExhausted);
  EXPECT_TRUE(budget.try_take(20)) << "one that gave up is in nobody's way";
}

TEST(MemoryBudget, StopEndsTheWait) {
  MemoryBudget budget(100, "--memory");
  const auto held = budget.try_take(80);
  std::stop_source stop;
  auto waiting = std::async(std::launch::async,
                            [&] { return budget.take(30, "picture", milliseconds(60'000), stop.get_token()); });
  stop.request_stop();
  EXPECT_EQ(waiting.get().error().code, ErrorCode::kExhausted);
}

TEST(MemoryBudget, LargeShareIsNotPassedOver) {
  MemoryBudget budget(100, "--memory");
  auto held = budget.try_take(50);
  std::promise<void> taken;
  std::promise<void> done;
  std::thread large([&] {
    const auto share = budget.take(100, "large", milliseconds(60'000));
    EXPECT_TRUE(share);
    taken.set_value();
    done.get_future().wait();
  });
  while (budget.try_take(1)) {  // until the large one stands in line
    std::this_thread::yield();
  }
  held.reset();
  taken.get_future().wait();
  EXPECT_EQ(budget.used(), 100U);
  done.set_value();
  large.join();
  EXPECT_EQ(budget.used(), 0U);
}

}  // namespace
}  // namespace facepipe
