// Comma-separated values (RFC 4180) as lists of pairs and boxes have them.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace facepipe::evaluate {

struct CsvRow {
  std::size_t line = 0;  // on which it begins; the first is 1
  std::vector<std::string> cells;
};

inline constexpr std::size_t kMaxCsvRows = 2'000'000;
inline constexpr std::size_t kMaxCsvCells = 64;  // of a row

// The rows that are not empty, a byte order mark and the ends of lines taken off. `context` is the file's name: errors
// begin with it and name the line. kInvalidData for a quote that is not closed, or text behind one that is; kTooLarge
// past the bounds.
[[nodiscard]] Result<std::vector<CsvRow>> parse_csv(std::string_view text, std::string_view context);

// `cell` as a cell of such a file: in quotes where it needs them.
[[nodiscard]] std::string csv_cell(std::string_view cell);

}  // namespace facepipe::evaluate
