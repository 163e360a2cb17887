// Questions of a store that are answered in pages, and asked to their end.
#pragma once

#include <cstddef>
#include <iterator>
#include <vector>

#include "base/result.h"

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

// `ask(page)` is a question, Result<Page<Record>> of a PageRequest. Calls `take(records)` with each of its pages, of at
// most `limit` records, until it is an error. The question's errors and those of `take`, which is a Status.
template <typename Ask, typename Take>
[[nodiscard]] Status each_page(std::size_t limit, const Ask& ask, const Take& take) {
  PageRequest request{.limit = limit, .after = {}};
  while (true) {
    FACEPIPE_ASSIGN(auto page, ask(request));
    FACEPIPE_TRY(take(page.records));
    if (!page.next) {
      return {};
    }
    request.after = *page.next;
  }
}

// All records of a question, up to the page that brings them to `most`.
template <typename Record, typename Ask>
[[nodiscard]] Result<std::vector<Record>> all_of(const Ask& ask, std::size_t most) {
  std::vector<Record> records;
  PageRequest request{.limit = kMaxPage, .after = {}};
  while (records.size() < most) {
    FACEPIPE_ASSIGN(Page<Record> page, ask(request));
    records.insert(records.end(), std::make_move_iterator(page.records.begin()),
                   std::make_move_iterator(page.records.end()));
    if (!page.next) {
      break;
    }
    request.after = *page.next;
  }
  return records;
}

}  // namespace facepipe::faces
