#include "base/hex.h"

#include <gtest/gtest.h>

namespace facepipe {
namespace {

TEST(Hex, Digits) {
  EXPECT_EQ(hex_number(0x1234abcdULL, 8), "1234abcd");
  EXPECT_EQ(hex_number(0x1234abcdULL, 4), "abcd");
  EXPECT_EQ(hex_number(~0ULL, 17), "0ffffffffffffffff");
  EXPECT_EQ(hex_encode(as_bytes(std::string_view("\x00\x7f\xff", 3))), "007fff");
  EXPECT_EQ(hex_value('0'), 0);
  EXPECT_EQ(hex_value('f'), 15);
  EXPECT_EQ(hex_value('F'), 15);
  for (const char c : {'g', 'G', '@', '`', '/', ':', '\0', '\xC1'}) {
    EXPECT_EQ(hex_value(c), -1) << c;
  }
  EXPECT_TRUE(is_hex("00ff", 4));
  EXPECT_FALSE(is_hex("00ff", 5));
  EXPECT_FALSE(is_hex("00fF", 4));
  EXPECT_FALSE(is_hex("00fg", 4));
}

TEST(Hex, PercentEncodingAndBack) {
  EXPECT_EQ(percent_encode("a b/\xC3\xA9~%"), "a%20b%2F%C3%A9~%25");
  EXPECT_EQ(percent_encode("a b/", [](char c) { return c != ' '; }), "a%20b/");
  EXPECT_EQ(percent_decode("a%20b%2f+%C3%A9%", false), "a b/+\xC3\xA9%");
  EXPECT_EQ(percent_decode("a+b%2", true), "a b%2");
  EXPECT_EQ(percent_decode("%zz%4", true), "%zz%4");
}

}  // namespace
}  // namespace facepipe
