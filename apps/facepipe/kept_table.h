// Faces and visits as lines: a table for people, JSON lines and CSV for programs.
#pragma once

#include <string>
#include <vector>

#include "base/json_reader.h"
#include "kept.h"

namespace facepipe::app {

// The columns' names, and a record's cells, as the API's JSON has them: a list's items are joined by a blank, nothing
// is an empty cell.
[[nodiscard]] std::vector<std::string> export_columns(Kept::Kind kind);
[[nodiscard]] std::vector<std::string> export_cells(Kept::Kind kind, const JsonValue& record);
// What a person looks for first: time, camera, name, how sure, id.
[[nodiscard]] std::vector<std::string> short_cells(Kept::Kind kind, const JsonValue& record);

// RFC 4180. A cell that a spreadsheet would take for a formula begins with an apostrophe.
[[nodiscard]] std::string csv_line(const std::vector<std::string>& cells);

}  // namespace facepipe::app
