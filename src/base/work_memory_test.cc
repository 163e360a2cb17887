#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/memory_budget.h"

namespace facepipe {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

TEST(WorkMemory, SmallWorkDoesNotWaitBehindLarge) {
  WorkMemory memory(750, "--max-work-memory");
  const auto giant = memory.take(500, "a giant", 0ms);
  ASSERT_TRUE(giant.has_value());
  EXPECT_EQ(memory.take(500, "another giant", 1ms).error().code, ErrorCode::kExhausted);
  std::vector<MemoryShare> shares;
  for (int i = 0; i < 5; ++i) {
    auto share = memory.take(50, "a frame", 0ms);
    ASSERT_TRUE(share.has_value()) << i;
    shares.push_back(*std::move(share));
  }
  EXPECT_EQ(memory.take(50, "a frame", 1ms).error().code, ErrorCode::kExhausted);
  EXPECT_EQ(memory.used(), 750U);
}

TEST(WorkMemory, SmallWorkTakesWhatIsFreeOfTheRest) {
  WorkMemory memory(750, "--max-work-memory");
  std::vector<MemoryShare> shares;
  for (int i = 0; i < 15; ++i) {
    auto share = memory.take(50, "a frame", 0ms);
    ASSERT_TRUE(share.has_value()) << i;
    shares.push_back(*std::move(share));
  }
  shares.clear();
  EXPECT_EQ(memory.used(), 0U);
}

TEST(WorkMemory, WhatCouldNeverFitIsRefusedAtOnceAndNamesTheOption) {
  WorkMemory memory(750, "--max-work-memory");
  const auto refused = memory.take(501, "a JPEG", 1h);
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, ErrorCode::kTooLarge);
  EXPECT_THAT(refused.error().message, HasSubstr("a JPEG needs 501 bytes"));
  EXPECT_THAT(refused.error().message, HasSubstr("--max-work-memory"));
}

TEST(WorkMemory, AShareMoreIsThereAtOnceOrNot) {
  WorkMemory memory(750, "--max-work-memory");
  auto first = memory.take(480, "a frame", 0ms);
  ASSERT_TRUE(first.has_value());
  EXPECT_FALSE(memory.try_take(60).has_value());  // too much for the small part, and for what is left of the other
  EXPECT_TRUE(memory.try_take(40).has_value());
  first->release();
  EXPECT_TRUE(memory.try_take(60).has_value());
}

}  // namespace
}  // namespace facepipe
