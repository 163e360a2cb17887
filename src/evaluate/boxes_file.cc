// Tested by boxes_file_test.cc.
#include "evaluate/boxes_file.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <map>
#include <optional>
#include <span>
#include <utility>

#include "base/text.h"
#include "evaluate/csv.h"
#include "evaluate/relative_path.h"

namespace facepipe::evaluate {
namespace {

constexpr float kMaxCoordinate = 1'000'000;

Error bad_box_line(std::string_view context, std::size_t line, const std::string& message) {
  return Error{ErrorCode::kInvalidData, std::string(context) + ": line " + std::to_string(line) + ": " + message};
}

std::optional<float> number_of(std::string_view text) {
  const auto value = parse_number<float>(text);
  return value && std::abs(*value) <= kMaxCoordinate ? value : std::nullopt;
}

// From left, top, width and height; nullopt unless all four are numbers.
std::optional<image::Box> box_of(std::span<const std::string_view> fields) {
  std::array<float, 4> values{};
  for (std::size_t i = 0; i < values.size(); ++i) {
    const auto value = number_of(fields[i]);
    if (!value) {
      return std::nullopt;
    }
    values.at(i) = *value;
  }
  return image::Box{values[0], values[1], values[0] + values[2], values[1] + values[3]};
}

// The pictures in the order in which they come first.
class Pictures {
 public:
  std::vector<TrueBox>& boxes_of(std::string_view picture) {
    const auto [entry, added] = index_.try_emplace(std::string(picture), pictures_.size());
    if (added) {
      pictures_.push_back({std::string(picture), {}});
    }
    return pictures_[entry->second].boxes;
  }
  void add(std::string_view picture, const image::Box& box, bool ignored) {
    std::vector<TrueBox>& boxes = boxes_of(picture);
    if (box.area() > 0) {
      boxes.push_back({box, ignored});
    }
  }
  Result<std::vector<BoxedPicture>> take(std::string_view context) && {
    if (pictures_.empty()) {
      return Error{ErrorCode::kInvalidData, std::string(context) + ": expected boxes in pictures, found none"};
    }
    return std::move(pictures_);
  }

 private:
  std::vector<BoxedPicture> pictures_;
  std::map<std::string, std::size_t, std::less<>> index_;
};

struct BoxColumns {
  std::size_t picture = 0;
  std::array<std::size_t, 4> box{};
  std::optional<std::size_t> ignored;
  std::size_t count = 0;
};

Result<BoxColumns> columns_of(const CsvRow& header, std::string_view context) {
  const auto find = [&](std::string_view name, std::string_view other = {}) -> std::optional<std::size_t> {
    for (std::size_t i = 0; i < header.cells.size(); ++i) {
      const std::string cell = lower(header.cells[i]);
      if (cell == name || (!other.empty() && cell == other)) {
        return i;
      }
    }
    return std::nullopt;
  };
  BoxColumns columns;
  columns.count = header.cells.size();
  columns.ignored = find("invalid", "ignore");
  constexpr std::array<std::string_view, 4> kNames = {"x", "y", "w", "h"};
  const auto picture = find("image", "path");
  bool complete = picture.has_value();
  for (std::size_t i = 0; i < kNames.size(); ++i) {
    const auto column = find(kNames.at(i));
    complete = complete && column;
    columns.box.at(i) = column.value_or(0);
  }
  if (!complete) {
    return bad_box_line(context, header.line,
                        "expected a header with the columns image, x, y, w and h, found one without");
  }
  columns.picture = *picture;
  return columns;
}

Status add_row(const CsvRow& row, const BoxColumns& columns, std::string_view context, Pictures& pictures) {
  if (row.cells.size() != columns.count) {
    return bad_box_line(context, row.line,
                        "expected " + std::to_string(columns.count) + " cells, as the header has, found " +
                            std::to_string(row.cells.size()));
  }
  const std::string& picture = row.cells[columns.picture];
  if (!stays_inside(picture)) {
    return bad_box_line(context, row.line, "expected the path of a picture inside the folder, found other text");
  }
  std::array<std::string_view, 4> fields;
  std::size_t empty = 0;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    fields.at(i) = row.cells[columns.box.at(i)];
    empty += fields.at(i).empty() ? 1U : 0U;
  }
  if (empty == fields.size()) {
    pictures.boxes_of(picture);
    return {};
  }
  const auto box = box_of(fields);
  if (!box) {
    return bad_box_line(context, row.line, "expected four numbers for x, y, w and h, or all empty; found other text");
  }
  pictures.add(picture, *box, columns.ignored && row.cells[*columns.ignored] == "1");
  return {};
}

Result<std::vector<BoxedPicture>> read_csv_boxes(std::string_view text, std::string_view context) {
  FACEPIPE_ASSIGN(const std::vector<CsvRow> rows, parse_csv(text, context));
  FACEPIPE_ASSIGN(const BoxColumns columns, columns_of(rows.front(), context));
  Pictures pictures;
  for (const CsvRow& row : std::span(rows).subspan(1)) {
    FACEPIPE_TRY(add_row(row, columns, context, pictures));
  }
  return std::move(pictures).take(context);
}

std::vector<std::string_view> words_of(std::string_view line) {
  std::vector<std::string_view> words;
  for (const std::string_view word : split(line, ' ')) {
    if (!word.empty()) {
      words.push_back(word);
    }
  }
  return words;
}

class WiderReader {
 public:
  WiderReader(std::string_view text, std::string_view context) : context_(context), lines_(split(text, '\n')) {}

  Result<std::vector<BoxedPicture>> read() {
    Pictures pictures;
    while (at_ < lines_.size()) {
      const std::string_view picture = next();
      if (picture.empty()) {
        continue;
      }
      if (!stays_inside(picture)) {
        return bad_box_line(context_, at_, "expected the path of a picture inside the folder, found other text");
      }
      pictures.boxes_of(picture);
      FACEPIPE_TRY(read_boxes(picture, pictures));
    }
    return std::move(pictures).take(context_);
  }

 private:
  std::string_view next() {
    std::string_view line = lines_[at_++];
    if (line.ends_with('\r')) {
      line.remove_suffix(1);
    }
    return line;
  }

  Status read_boxes(std::string_view picture, Pictures& pictures) {
    const auto count = at_ < lines_.size() ? number_of(next()) : std::nullopt;
    if (!count || *count < 0 || *count != std::floor(*count)) {
      return bad_box_line(context_, at_, "expected the number of boxes of the picture before, found other text");
    }
    const auto boxes = std::max<std::size_t>(1, static_cast<std::size_t>(*count));  // of none a line of zeros
    for (std::size_t i = 0; i < boxes; ++i) {
      if (at_ == lines_.size()) {
        return bad_box_line(context_, at_, "expected " + std::to_string(boxes - i) + " more boxes, found the end");
      }
      const std::vector<std::string_view> words = words_of(next());
      constexpr std::size_t kInvalid = 7;
      const auto box = words.size() > kInvalid ? box_of(words) : std::nullopt;
      if (!box) {
        return bad_box_line(context_, at_, "expected x, y, w, h and six marks of a box, found other text");
      }
      pictures.add(picture, *box, words[kInvalid] == "1");
    }
    return {};
  }

  std::string_view context_;
  std::vector<std::string_view> lines_;
  std::size_t at_ = 0;
};

}  // namespace

Result<std::vector<BoxedPicture>> parse_boxes(std::string_view text, std::string_view context) {
  text = without_byte_order_mark(text);
  const std::size_t begin = text.find_first_not_of("\r\n");
  if (begin == std::string_view::npos) {
    return Error{ErrorCode::kInvalidData, std::string(context) + ": expected boxes in pictures, found nothing"};
  }
  const std::string_view first = text.substr(begin, text.find('\n', begin) - begin);
  if (first.find(',') != std::string_view::npos) {
    return read_csv_boxes(text, context);
  }
  return WiderReader(text, context).read();
}

}  // namespace facepipe::evaluate
