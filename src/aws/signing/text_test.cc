#include "aws/signing/text.h"

#include <gtest/gtest.h>

namespace facepipe::aws {
namespace {

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

}  // namespace
}  // namespace facepipe::aws
