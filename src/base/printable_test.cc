#include "base/printable.h"

#include <gtest/gtest.h>

#include <string>

#include "base/json_writer.h"

namespace facepipe {
namespace {

TEST(Printable, OrdinaryTextStays) {
  for (const char* text : {"", "a b.jpg", "Tür", "名前", "👩‍💻", "C:\\new", "\"quoted\""}) {
    EXPECT_EQ(printable(text), text);
  }
}

TEST(Printable, WhatATerminalActsOnIsSpeltOut) {
  EXPECT_EQ(printable("a\x1b[31mb"), "a\\u001b[31mb");
  EXPECT_EQ(printable("\r\n\t\b\x7f"), "\\u000d\\u000a\\u0009\\u0008\\u007f");
  EXPECT_EQ(printable(std::string_view("\0", 1)), "\\u0000");
  EXPECT_EQ(printable("\u009b31m"), "\\u009b31m");  // C1 as UTF-8: CSI
  EXPECT_EQ(printable("\x9b"
                      "31m"),
            "\\x9b31m");  // C1 as a byte, which is no UTF-8
  EXPECT_EQ(printable("\u0080\u009f\u00a0"), "\\u0080\\u009f\u00a0");
  EXPECT_EQ(printable("gpj.\u202e\u2066\u2069\u200e\u200f\u061c"), "gpj.\\u202e\\u2066\\u2069\\u200e\\u200f\\u061c");
  EXPECT_EQ(printable("a\u2028b\u2029"), "a\\u2028b\\u2029");
}

TEST(Printable, NoByteOfAControlIsLeftWhateverComes) {
  unsigned state = 1;
  for (int round = 0; round < 2'000; ++round) {
    std::string text;
    for (int i = 0; i < 12; ++i) {
      state = state * 1'664'525U + 1'013'904'223U;
      text.push_back(static_cast<char>(state >> 24U));
    }
    const std::string shown = printable(text);
    EXPECT_EQ(printable(shown), shown);  // nothing is left to do
    for (std::size_t i = 0; i < shown.size();) {
      const std::size_t length = utf8_length(shown, i);
      ASSERT_GT(length, 0U);
      EXPECT_FALSE(length == 1 && (shown[i] < 0x20 || shown[i] == 0x7f));
      EXPECT_FALSE(length == 2 && shown[i] == '\xC2' && static_cast<unsigned char>(shown[i + 1]) < 0xA0);
      i += length;
    }
  }
}

TEST(Printable, IsBoundedAndCutBetweenCharacters) {
  EXPECT_EQ(printable("abcdef", 6), "abcdef");
  EXPECT_EQ(printable("abcdefg", 6), "abcdef...");
  EXPECT_EQ(printable("abcd\u20acf", 6), "abcd...");
  EXPECT_EQ(printable(std::string(1'000'000, '\x1b'), 3), "\\u001b\\u001b\\u001b...");
}

TEST(Printable, LinesStayLines) {
  EXPECT_EQ(printable_lines("a\x1b\nb\n\nc\r"), "a\\u001b\nb\n\nc\\u000d");
  EXPECT_EQ(printable_lines("a\n"), "a\n");
  EXPECT_EQ(printable_lines(""), "");
}

TEST(Printable, JsonTextKeepsItsValue) {
  // The escapes are JSON's own, so that a reader of the line gets the exact text.
  EXPECT_EQ(printable(json_quote("a\x7f\u009b\u202e\"\\\x1b")), R"("a\u007f\u009b\u202e\"\\\u001b")");
}

TEST(PlainLength, EndsAtTheFirstByteThatAFormatMayChange) {
  for (const std::string around : {" ", "~", "a", "\xff", "\x80", "\x01"}) {
    for (std::size_t size = 1; size <= 20; ++size) {
      for (std::size_t at = 0; at < size; ++at) {
        for (int byte = 0; byte < 256; ++byte) {
          std::string text(at, 'x');
          text += static_cast<char>(byte);
          for (std::size_t i = at + 1; i < size; ++i) {
            text += around;
          }
          const bool plain = byte >= 0x20 && byte < 0x7F && byte != '"' && byte != '\\';
          const bool rest_is = around[0] >= 0x20 && around[0] < 0x7F;
          ASSERT_EQ(plain_length(text), !plain ? at : rest_is ? size : at + 1) << size << ' ' << at << ' ' << byte;
        }
      }
    }
  }
  EXPECT_EQ(plain_length(""), 0U);
}

TEST(DisplayWidth, CountsColumns) {
  EXPECT_EQ(display_width("abc"), 3U);
  EXPECT_EQ(display_width("Tür"), 3U);
  EXPECT_EQ(display_width("u\u0308"), 1U);
  EXPECT_EQ(display_width("名前"), 4U);
  EXPECT_EQ(first_columns("名前x", 3), "名");
  EXPECT_EQ(last_columns("x名前", 3), "前");
  EXPECT_EQ(first_columns("abc", 9), "abc");
  EXPECT_EQ(last_columns("abc", 0), "");
}

}  // namespace
}  // namespace facepipe
