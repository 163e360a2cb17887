// Tested by pairs_file_test.cc.
#include "evaluate/pairs_file.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <optional>
#include <utility>

#include "base/text.h"
#include "evaluate/csv.h"
#include "evaluate/relative_path.h"

namespace facepipe::evaluate {
namespace {

constexpr std::size_t kMaxFolds = 1'000;
constexpr std::size_t kMaxPairs = 1'000'000;

Error bad_line(std::string_view context, std::size_t line, const std::string& message) {
  return Error{ErrorCode::kInvalidData, std::string(context) + ": line " + std::to_string(line) + ": " + message};
}

// A whole number of 1..high.
std::optional<std::size_t> count_of(std::string_view text, std::size_t high) {
  const auto value = parse_number<std::size_t>(text);
  return value && *value >= 1 && *value <= high ? value : std::nullopt;
}

struct Line {
  std::size_t number = 0;
  std::vector<std::string_view> fields;
};

std::vector<Line> lines_of(std::string_view text) {
  std::vector<Line> lines;
  std::size_t number = 0;
  for (std::string_view line : split(text, '\n')) {
    ++number;
    if (line.ends_with('\r')) {
      line.remove_suffix(1);
    }
    if (!line.empty()) {
      lines.push_back({number, split(line, '\t')});
    }
  }
  return lines;
}

class LfwReader {
 public:
  LfwReader(std::vector<Line> lines, std::string_view context) : lines_(std::move(lines)), context_(context) {}

  Result<PairList> read() {
    FACEPIPE_TRY(read_header());
    PairList list;
    list.folds = folds_;
    list.pairs.reserve(lines_.size() - 1);
    for (std::size_t i = 1; i < lines_.size(); ++i) {
      const std::size_t place = i - 1;
      FACEPIPE_ASSIGN(LabelledPair pair, read_pair(lines_[i], place % (2 * each_) < each_));
      pair.fold = place / (2 * each_);
      list.pairs.push_back(std::move(pair));
    }
    return list;
  }

 private:
  Status read_header() {
    const Line& header = lines_.front();
    const bool known = header.fields.size() <= 2;
    const auto folds =
        known && header.fields.size() == 2 ? count_of(header.fields.front(), kMaxFolds) : std::optional<std::size_t>(1);
    const auto each = known ? count_of(header.fields.back(), kMaxPairs) : std::nullopt;
    if (!folds || !each) {
      return bad_line(context_, header.number,
                      "expected the number of folds (1 to 1000) and of pairs of a kind in each, with a tab between, or "
                      "the latter alone, or a CSV; found other text");
    }
    folds_ = *folds;
    each_ = *each;
    if (folds_ * each_ > kMaxPairs / 2) {
      return Error{ErrorCode::kTooLarge, std::string(context_) + ": expected at most " + std::to_string(kMaxPairs) +
                                             " pairs, found " + std::to_string(2 * folds_ * each_)};
    }
    if (lines_.size() - 1 != 2 * folds_ * each_) {
      return Error{ErrorCode::kInvalidData, std::string(context_) + ": expected " + std::to_string(2 * folds_ * each_) +
                                                " pairs, as the first line says, found " +
                                                std::to_string(lines_.size() - 1)};
    }
    return {};
  }

  Result<LabelledPair> read_pair(const Line& line, bool same) const {
    const std::size_t expected = same ? 3 : 4;
    if (line.fields.size() != expected) {
      return bad_line(context_, line.number,
                      std::string(same ? "expected a pair of one person, NAME, NUMBER and NUMBER"
                                       : "expected a pair of different people, NAME, NUMBER, NAME and NUMBER") +
                          " with tabs between, found " + std::to_string(line.fields.size()) +
                          (line.fields.size() == 1 ? " field" : " fields"));
    }
    LabelledPair pair;
    pair.same = same;
    const std::string_view other = same ? line.fields[0] : line.fields[2];
    FACEPIPE_ASSIGN(pair.first, picture(line, line.fields[0], line.fields[1]));
    FACEPIPE_ASSIGN(pair.second, picture(line, other, line.fields.back()));
    if (!same && other == line.fields[0]) {
      return bad_line(context_, line.number, "expected different people, found one name twice");
    }
    return pair;
  }

  Result<std::string> picture(const Line& line, std::string_view name, std::string_view number) const {
    if (!stays_inside(name) || name.find('/') != std::string_view::npos) {
      return bad_line(context_, line.number, "expected the name of a person's folder, found other text");
    }
    const auto value = count_of(number, 999'999);
    if (!value) {
      return bad_line(context_, line.number, "expected a picture's number (1 to 999999), found other text");
    }
    std::array<char, 16> digits{};
    std::snprintf(digits.data(), digits.size(), "%04zu", *value);
    return std::string(name) + "/" + std::string(name) + "_" + digits.data() + ".jpg";
  }

  std::vector<Line> lines_;
  std::string_view context_;
  std::size_t folds_ = 1;
  std::size_t each_ = 0;
};

std::optional<bool> label_of(std::string_view cell) {
  const std::string word = lower(cell);
  if (word == "yes" || word == "true" || word == "1") {
    return true;
  }
  if (word == "no" || word == "false" || word == "0") {
    return false;
  }
  return std::nullopt;
}

Result<LabelledPair> pair_of(const CsvRow& row, std::string_view context) {
  if (row.cells.size() != 3) {
    return bad_line(context, row.line,
                    "expected two pictures and yes or no, found " + std::to_string(row.cells.size()) +
                        (row.cells.size() == 1 ? " cell" : " cells"));
  }
  const auto same = label_of(row.cells[2]);
  if (!same) {
    return bad_line(context, row.line,
                    "expected yes or no (true or false, 1 or 0) in the third cell, found other "
                    "text");
  }
  for (std::size_t i = 0; i < 2; ++i) {
    if (!stays_inside(row.cells[i])) {
      return bad_line(context, row.line,
                      "expected the path of a picture inside the folder in cell " + std::to_string(i + 1) + ", found " +
                          (row.cells[i].empty() ? "nothing" : "one that leads out of it"));
    }
  }
  return LabelledPair{row.cells[0], row.cells[1], *same, 0};
}

Result<PairList> read_csv_pairs(std::string_view text, std::string_view context, std::size_t folds) {
  FACEPIPE_ASSIGN(const std::vector<CsvRow> rows, parse_csv(text, context));
  PairList list;
  list.folds = folds;
  std::array<std::size_t, 2> dealt{};
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (i == 0 && rows[i].cells.size() == 3 && !label_of(rows[i].cells[2])) {
      continue;  // the header
    }
    FACEPIPE_ASSIGN(LabelledPair pair, pair_of(rows[i], context));
    pair.fold = dealt.at(pair.same ? 1 : 0)++ % folds;
    list.pairs.push_back(std::move(pair));
  }
  if (list.pairs.empty()) {
    return Error{ErrorCode::kInvalidData, std::string(context) + ": expected pairs of pictures, found none"};
  }
  if (list.pairs.size() > kMaxPairs) {
    return Error{ErrorCode::kTooLarge, std::string(context) + ": expected at most " + std::to_string(kMaxPairs) +
                                           " pairs, found " + std::to_string(list.pairs.size())};
  }
  return list;
}

}  // namespace

Result<PairList> parse_pairs(std::string_view text, std::string_view context, std::size_t csv_folds) {
  if (csv_folds < 1 || csv_folds > kMaxFolds) {
    return Error{ErrorCode::kInvalidArgument,
                 "expected 1 to " + std::to_string(kMaxFolds) + " folds, got " + std::to_string(csv_folds)};
  }
  text = without_byte_order_mark(text);
  const std::size_t begin = std::min(text.find_first_not_of("\r\n"), text.size());
  const std::string_view first = text.substr(begin, text.find('\n', begin) - begin);
  if (first.find(',') != std::string_view::npos) {
    return read_csv_pairs(text, context, csv_folds);
  }
  std::vector<Line> lines = lines_of(text);
  if (lines.empty()) {
    return Error{ErrorCode::kInvalidData, std::string(context) + ": expected pairs of pictures, found nothing"};
  }
  return LfwReader(std::move(lines), context).read();
}

}  // namespace facepipe::evaluate
