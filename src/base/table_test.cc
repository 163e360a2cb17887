#include "base/table.h"

#include <gtest/gtest.h>

#include <array>

#include "base/printable.h"
#include "base/text.h"

namespace facepipe {
namespace {

constexpr std::array<Column, 3> kColumns = {Column::kPath, Column::kNumber, Column::kLeft};
using Rows = std::vector<std::vector<std::string>>;

TEST(FormatTable, AlignsColumns) {
  const Rows rows = {{"frame", "ms", "name"}, {"tür.jpg", "7", "Ada"}, {"x", "12", ""}};
  EXPECT_EQ(format_table(kColumns, rows, 0), "frame    ms  name\ntür.jpg   7  Ada\nx        12\n");
}

TEST(FormatTable, CellsCannotStartALineOrAnEscapeSequence) {
  const Rows rows = {{"a\nb", "1", "\x1b]0;title\a"}};
  EXPECT_EQ(format_table(kColumns, rows, 0), "a\\u000ab  1  \\u001b]0;title\\u0007\n");
}

TEST(FormatTable, FitsTheWidth) {
  const Rows rows = {{std::string(200, 'a') + "/end.jpg", "123", std::string(150, 'n')},
                     {"名" + std::string(90, 'b'), "4", "short"}};
  for (std::size_t width = 24; width < 120; ++width) {
    const std::string fitted = format_table(kColumns, rows, width);
    for (const std::string_view line : split(fitted, '\n')) {
      EXPECT_LE(display_width(line), width);
    }
  }
  const std::string table = format_table(kColumns, rows, 60);
  EXPECT_NE(table.find("a/end.jpg"), std::string::npos);  // the end of a path is what tells files apart
  EXPECT_NE(table.find(" 123 "), std::string::npos);      // numbers stay whole
  EXPECT_NE(format_table(kColumns, rows, 0).find(std::string(200, 'a')), std::string::npos);
}

TEST(FormatTable, TooNarrowIsAsNarrowAsItGets) {
  const Rows rows = {{std::string(20, 'a'), "123456", std::string(20, 'n')}};
  EXPECT_EQ(format_table(kColumns, rows, 1), "...aaaaa  123456  nnnnn...\n");
}

}  // namespace
}  // namespace facepipe
