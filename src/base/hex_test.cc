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

TEST(Hex, DecodesPercentEscapesAndKeepsMalformedOnes) {
  EXPECT_EQ(percent_decode("a%20b%2Bc+d", false), "a b+c+d");
  EXPECT_EQ(percent_decode("a+b", true), "a b");
  EXPECT_EQ(percent_decode("J%C3%bCrgen", false), "J\xC3\xBCrgen");
  EXPECT_EQ(percent_decode("%", false), "%");
  EXPECT_EQ(percent_decode("%4", false), "%4");
  EXPECT_EQ(percent_decode("%zz%41", false), "%zzA");
  EXPECT_EQ(percent_decode("%00", false), std::string(1, '\0'));
}

TEST(Hex, PercentEncodesEverythingButUnreserved) {
  EXPECT_EQ(percent_encode("aZ09-._~"), "aZ09-._~");
  EXPECT_EQ(percent_encode("a b/\xFF"), "a%20b%2F%FF");
  EXPECT_EQ(percent_encode("a b/", [](char c) { return c != ' '; }), "a%20b/");
  std::string all;
  for (int i = 0; i < 256; ++i) {
    all.push_back(static_cast<char>(i));
  }
  EXPECT_EQ(percent_decode(percent_encode(all), true), all);
}

}  // namespace
}  // namespace facepipe
