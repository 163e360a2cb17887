#include "evaluate/csv.h"

#include <gtest/gtest.h>

namespace facepipe::evaluate {
namespace {

TEST(Csv, CellsQuotesAndEnds) {
  const auto rows = parse_csv(
      "\xEF\xBB\xBF"
      "a,\"b, \"\"c\"\"\nd\",\r\n\n,x",
      "list");
  ASSERT_TRUE(rows) << rows.error().message;
  ASSERT_EQ(rows->size(), 2U);
  EXPECT_EQ((*rows)[0].line, 1U);
  EXPECT_EQ((*rows)[0].cells, (std::vector<std::string>{"a", "b, \"c\"\nd", ""}));
  EXPECT_EQ((*rows)[1].line, 4U);
  EXPECT_EQ((*rows)[1].cells, (std::vector<std::string>{"", "x"}));
  EXPECT_TRUE(parse_csv("", "list")->empty());
}

TEST(Csv, WhatIsWrongNamesItsLine) {
  EXPECT_EQ(parse_csv("a\nb,\"c\nd", "list").error().message,
            "list: line 3: expected a closing quote, found the end of the file");
  EXPECT_EQ(parse_csv("a\n\"b\"c", "list").error().message,
            "list: line 2: expected a comma behind a closing quote, found other text");
  const std::string wide(kMaxCsvCells, ',');
  EXPECT_EQ(parse_csv(wide, "list").error().code, ErrorCode::kTooLarge);
  EXPECT_TRUE(parse_csv(wide.substr(1), "list"));
}

TEST(Csv, ACellComesBackAsItWas) {
  for (const std::string cell : {"plain", "a,b", "say \"x\"", "two\nlines", ""}) {
    const auto rows = parse_csv(csv_cell(cell) + ",end", "list");
    ASSERT_TRUE(rows) << cell;
    EXPECT_EQ(rows->front().cells.front(), cell);
  }
  EXPECT_EQ(csv_cell("plain"), "plain");
}

}  // namespace
}  // namespace facepipe::evaluate
