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

TEST(Text, Trimmed) {
  EXPECT_EQ(trimmed(" \t a b\r\n"), "a b");
  EXPECT_EQ(trimmed(" \n"), "");
  EXPECT_EQ(trimmed(""), "");
}

TEST(Text, FirstLineIsShortPlainAndAlone) {
  EXPECT_EQ(first_line("said this\nthe request was: secret"), "said this");
  EXPECT_EQ(first_line("\n a\tb\x01"
                       "c \r\n"),
            "a b c");
  EXPECT_EQ(first_line(std::string(300, 'x')), std::string(200, 'x'));
  EXPECT_EQ(first_line(""), "");
}

TEST(Text, NumbersAreWhole) {
  EXPECT_EQ(parse_number<int>("-12"), -12);
  EXPECT_EQ(parse_number<unsigned>("ff", 16), 255U);
  for (const char* text : {"", " 1", "1 ", "+1", "1.5", "2147483648"}) {
    EXPECT_FALSE(parse_number<int>(text)) << text;
  }
}

TEST(Text, NumbersWithAPointAreWhole) {
  EXPECT_EQ(parse_number<double>("0.25"), 0.25);
  EXPECT_EQ(parse_number<float>("-1e-3"), -1e-3F);
  for (const char* text : {"", "0.25 ", " 0.25", "+0.25", "0.25x", "0x1p3", "1e999"}) {
    EXPECT_FALSE(parse_number<double>(text)) << text;
  }
}

TEST(Text, IsJoinedWithWhatIsInBetween) {
  EXPECT_EQ(joined(std::vector<std::string>{"", "a", "b"}, ", "), ", a, b");
  EXPECT_EQ(joined(std::vector<std::string_view>{}, ", "), "");
}

}  // namespace
}  // namespace facepipe
