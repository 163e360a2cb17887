// Aligned columns of text for a terminal.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace facepipe {

enum class Column {
  kLeft,    // cut at its end
  kPath,    // left-aligned, cut at its beginning: the end tells files apart
  kNumber,  // right-aligned, never cut
};

// A line a row, cells padded to the widest of their column; `rows` hold as many cells each as there are `columns`.
// Cells may hold anything: they are shown as printable() has them. Where `width` is not 0 the widest columns are cut,
// with
// "...", until a line takes at most `width` columns, or each has kNarrowest left.
[[nodiscard]] std::string format_table(std::span<const Column> columns, std::span<const std::vector<std::string>> rows,
                                       std::size_t width);

}  // namespace facepipe
