#include <gtest/gtest.h>

#include <atomic>
#include <latch>

#include "serve/service.h"

namespace facepipe::serve {
namespace {

using namespace std::chrono_literals;

TEST(StopClock, WhatIsLeftIsNeverLessThanNothing) {
  const StopClock over(0ms);
  EXPECT_EQ(over.left(), 0ms);
  EXPECT_EQ(over.most_left(), 0ms);
  const StopClock hour(1h);
  EXPECT_LE(hour.left(), 1h);
  EXPECT_GT(hour.left(), hour.most_left());
  EXPECT_GT(hour.most_left(), 40min);
}

TEST(Deadline, ActsWhenItsTimeIsOver) {
  std::latch acted(1);
  const Deadline deadline(1ms, [&] { acted.count_down(); });
  acted.wait();
}

TEST(Deadline, IsForgottenWhenItIsDestroyedBefore) {
  std::atomic<bool> acted = false;
  {
    const Deadline deadline(1h, [&] { acted = true; });
  }
  EXPECT_FALSE(acted);
}

}  // namespace
}  // namespace facepipe::serve
