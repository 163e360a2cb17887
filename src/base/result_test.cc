#include "base/result.h"

#include <gtest/gtest.h>

#include <memory>

namespace facepipe {
namespace {

Result<int> half(int value) {
  if (value % 2 != 0) {
    return Error{ErrorCode::kInvalidArgument, "expected an even number, got " + std::to_string(value)};
  }
  return value / 2;
}

Result<int> quarter(int value) {
  FACEPIPE_ASSIGN(const int first, half(value));
  FACEPIPE_TRY(half(first));
  return half(first);
}

TEST(Result, PassesValuesAndErrorsOn) {
  EXPECT_EQ(*quarter(8), 2);
  const auto failed = quarter(6);
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(failed.error().with_context("quarter").message, "quarter: expected an even number, got 3");
}

TEST(Result, HoldsMoveOnlyValues) {
  Result<std::unique_ptr<int>> result(std::make_unique<int>(3));
  const std::unique_ptr<int> taken = *std::move(result);
  EXPECT_EQ(*taken, 3);
}

TEST(Result, StatusDefaultsToSuccess) {
  EXPECT_TRUE(Status{});
  EXPECT_FALSE(Status(Error{ErrorCode::kTimeout, "late"}));
  EXPECT_EQ(to_string(ErrorCode::kTimeout), "timeout");
}

}  // namespace
}  // namespace facepipe
