// Tested by csv_test.cc.
#include "evaluate/csv.h"

#include <algorithm>
#include <utility>

#include "base/text.h"

namespace facepipe::evaluate {
namespace {

class CsvParser {
 public:
  CsvParser(std::string_view text, std::string_view context)
      : text_(without_byte_order_mark(text)), context_(context) {}

  Result<std::vector<CsvRow>> parse() {
    std::vector<CsvRow> rows;
    while (at_ < text_.size()) {
      CsvRow row;
      row.line = line_;
      FACEPIPE_TRY(read_row(row));
      if (row.cells.size() == 1 && row.cells.front().empty()) {
        continue;
      }
      if (rows.size() == kMaxCsvRows) {
        return error(ErrorCode::kTooLarge, "expected at most " + std::to_string(kMaxCsvRows) + " rows, found more");
      }
      rows.push_back(std::move(row));
    }
    return rows;
  }

 private:
  Error error(ErrorCode code, const std::string& message) const {
    return Error{code, std::string(context_) + ": line " + std::to_string(line_) + ": " + message};
  }

  // To the end of the line, which is taken off.
  Status read_row(CsvRow& row) {
    while (true) {
      if (row.cells.size() == kMaxCsvCells) {
        return error(ErrorCode::kTooLarge,
                     "expected at most " + std::to_string(kMaxCsvCells) + " cells in a row, found more");
      }
      std::string cell;
      FACEPIPE_TRY(at_ < text_.size() && text_[at_] == '"' ? read_quoted(cell) : read_plain(cell));
      row.cells.push_back(std::move(cell));
      if (at_ < text_.size() && text_[at_] == ',') {
        ++at_;
        continue;
      }
      if (at_ < text_.size() && text_[at_] == '\r') {
        ++at_;
      }
      if (at_ < text_.size() && text_[at_] == '\n') {
        ++at_;
        ++line_;
      }
      return {};
    }
  }

  Status read_plain(std::string& cell) {
    const std::size_t end = std::min(text_.find_first_of(",\r\n", at_), text_.size());
    cell = text_.substr(at_, end - at_);
    at_ = end;
    return {};
  }

  Status read_quoted(std::string& cell) {
    for (++at_; at_ < text_.size(); ++at_) {
      if (text_[at_] != '"') {
        line_ += text_[at_] == '\n' ? 1U : 0U;
        cell += text_[at_];
      } else if (at_ + 1 < text_.size() && text_[at_ + 1] == '"') {
        cell += text_[++at_];
      } else {
        ++at_;
        if (at_ < text_.size() && text_.find_first_of(",\r\n", at_) != at_) {
          return error(ErrorCode::kInvalidData, "expected a comma behind a closing quote, found other text");
        }
        return {};
      }
    }
    return error(ErrorCode::kInvalidData, "expected a closing quote, found the end of the file");
  }

  std::string_view text_;
  std::string_view context_;
  std::size_t at_ = 0;
  std::size_t line_ = 1;
};

}  // namespace

Result<std::vector<CsvRow>> parse_csv(std::string_view text, std::string_view context) {
  return CsvParser(text, context).parse();
}

std::string csv_cell(std::string_view cell) {
  if (cell.find_first_of(",\"\r\n") == std::string_view::npos) {
    return std::string(cell);
  }
  std::string quoted = "\"";
  for (const char c : cell) {
    quoted += c;
    if (c == '"') {
      quoted += c;
    }
  }
  return quoted + '"';
}

}  // namespace facepipe::evaluate
