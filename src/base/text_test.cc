#include "base/text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace facepipe {
namespace {

using ::testing::ElementsAre;

TEST(Text, Lower) {
  EXPECT_EQ(lower("aBZ-0\xC3\x84"), "abz-0\xC3\x84");
}

TEST(Text, WithoutByteOrderMark) {
  EXPECT_EQ(without_byte_order_mark("\xEF\xBB\xBFx"), "x");
  EXPECT_EQ(without_byte_order_mark("\xEF\xBBx"), "\xEF\xBBx");
  EXPECT_EQ(without_byte_order_mark(""), "");
}

TEST(Text, SplitKeepsEmptyParts) {
  EXPECT_THAT(split("a//b/", '/'), ElementsAre("a", "", "b", ""));
  EXPECT_THAT(split("ab", '/'), ElementsAre("ab"));
  EXPECT_THAT(split("", '/'), ElementsAre(""));
}

}  // namespace
}  // namespace facepipe
