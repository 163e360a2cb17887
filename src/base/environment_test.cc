#include <gtest/gtest.h>

#include <array>

#include "base/process.h"

namespace facepipe {
namespace {

TEST(Environment, OfABlock) {
  const std::array<const char*, 6> block = {"A=1", "B=x=y", "EMPTY=", "no equals sign", "A=2", nullptr};
  const Environment environment = read_environment(block.data());
  EXPECT_EQ(environment, (Environment{{"A", "1"}, {"B", "x=y"}, {"EMPTY", ""}}));
  EXPECT_EQ(value_of(environment, "B"), "x=y");
  EXPECT_EQ(value_of(environment, "EMPTY"), "");
  EXPECT_EQ(value_of(environment, "ABSENT"), "");
  EXPECT_TRUE(read_environment(nullptr).empty());
}

TEST(Environment, Switches) {
  const Environment environment = {{"ON", "True"}, {"OFF", "false"}, {"ONE", "1"}};
  EXPECT_TRUE(is_true(environment, "ON"));
  EXPECT_FALSE(is_true(environment, "OFF"));
  EXPECT_FALSE(is_true(environment, "ONE"));
  EXPECT_FALSE(is_true(environment, "ABSENT"));
}

}  // namespace
}  // namespace facepipe
