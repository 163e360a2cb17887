#include "base/text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace facepipe {
namespace {

using ::testing::ElementsAre;

TEST(Text, Lower) {
  EXPECT_EQ(lower("aBZ-0\xC3\x84"), "abz-0\xC3\x84");
}

TEST(Text, SplitKeepsEmptyParts) {
  EXPECT_THAT(split("a//b/", '/'), ElementsAre("a", "", "b", ""));
  EXPECT_THAT(split("ab", '/'), ElementsAre("ab"));
  EXPECT_THAT(split("", '/'), ElementsAre(""));
}

}  // namespace
}  // namespace facepipe
