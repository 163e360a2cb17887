// Tested by table_test.cc.
#include "base/table.h"

#include <algorithm>
#include <numeric>

#include "base/check.h"
#include "base/printable.h"

namespace facepipe {
namespace {

constexpr std::string_view kGap = "  ";
constexpr std::string_view kCut = "...";
constexpr std::size_t kNarrowest = 8;

std::string cut(std::string_view cell, Column column, std::size_t width) {
  if (display_width(cell) <= width) {
    return std::string(cell);
  }
  const std::size_t kept = width - kCut.size();
  return column == Column::kPath ? std::string(kCut) + std::string(last_columns(cell, kept))
                                 : std::string(first_columns(cell, kept)) + std::string(kCut);
}

// Takes from the widest column that may be cut, one at a time.
void narrow(std::span<const Column> columns, std::vector<std::size_t>& widths, std::size_t width) {
  std::size_t total = std::accumulate(widths.begin(), widths.end(), kGap.size() * (columns.size() - 1));
  while (total > width) {
    std::size_t widest = columns.size();
    for (std::size_t c = 0; c < columns.size(); ++c) {
      const bool may = columns[c] != Column::kNumber && widths[c] > kNarrowest;
      if (may && (widest == columns.size() || widths[c] > widths[widest])) {
        widest = c;
      }
    }
    if (widest == columns.size()) {
      return;
    }
    --widths[widest];
    --total;
  }
}

}  // namespace

std::string format_table(std::span<const Column> columns, std::span<const std::vector<std::string>> rows,
                         std::size_t width) {
  FACEPIPE_CHECK(!columns.empty());
  std::vector<std::vector<std::string>> shown;
  std::vector<std::size_t> widths(columns.size());
  for (const std::vector<std::string>& row : rows) {
    FACEPIPE_CHECK(row.size() == columns.size());
    std::vector<std::string>& cells = shown.emplace_back();
    for (std::size_t c = 0; c < row.size(); ++c) {
      cells.push_back(printable(row[c]));
      widths[c] = std::max(widths[c], display_width(cells.back()));
    }
  }
  if (width > 0) {
    narrow(columns, widths, width);
  }
  std::string table;
  for (const std::vector<std::string>& row : shown) {
    std::string line;
    for (std::size_t c = 0; c < row.size(); ++c) {
      const std::string cell = cut(row[c], columns[c], widths[c]);
      const std::string padding(widths[c] - display_width(cell), ' ');
      line += columns[c] == Column::kNumber ? padding + cell : cell + padding;
      line += c + 1 < row.size() ? kGap : std::string_view{};
    }
    line.erase(line.find_last_not_of(' ') + 1);
    table += line + "\n";
  }
  return table;
}

}  // namespace facepipe
