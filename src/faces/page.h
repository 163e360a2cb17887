// Long answers of a store, a part at a time.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace facepipe::faces {

// Where a page ends, for the next one: opaque text, of one kind of question.
using Cursor = std::string;
template <typename Record>
struct Page {
  std::vector<Record> records;
  std::optional<Cursor> next;  // absent: there are no more
};
struct PageRequest {
  std::size_t limit = 50;  // 1..kMaxPage
  Cursor after = {};       // empty: from the beginning
};
inline constexpr std::size_t kMaxPage = 500;

}  // namespace facepipe::faces
