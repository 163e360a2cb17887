// A question over one table, newest first, from what was asked: conditions with their values, and one index that serves
// it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "faces/store/cursor.h"
#include "sqlite/sqlite.h"

namespace facepipe::faces {

// Words of SQL are ours; whatever a user gives is bound.
class Query {
 public:
  // `condition` with one "?" for each value.
  void when(const std::string& condition, std::initializer_list<std::int64_t> values = {}) {
    conditions_ += (conditions_.empty() ? " WHERE " : " AND ") + condition;
    values_.insert(values_.end(), values);
  }
  // The first index that is given counts: the conditions come from what narrows most to what narrows least.
  void use(std::string_view index) {
    if (index_.empty()) {
      index_ = index;
    }
  }
  // Rows behind `place`, sorted by `key` and the row's number; one more than `limit`, so that the last page is known.
  [[nodiscard]] sqlite::Statement page(const sqlite::Database& database, std::string_view columns,
                                       std::string_view table, const std::string& key, std::optional<Place> place,
                                       std::size_t limit) {
    if (place) {
      when("(" + key + ", seq) < (?, ?)", {place->key, place->seq});
    }
    std::string sql = "SELECT " + key + ", seq, ";
    sql.append(columns).append(" FROM ").append(table);
    sql += (index_.empty() ? "" : " INDEXED BY " + index_) + conditions_;
    sql += " ORDER BY " + key + " DESC, seq DESC LIMIT ?";
    sqlite::Statement statement = database.statement_once(sql);
    for (const std::int64_t value : values_) {
      statement.bind(value);
    }
    statement.bind(static_cast<std::int64_t>(limit) + 1);
    return statement;
  }

 private:
  std::string index_;
  std::string conditions_;
  std::vector<std::int64_t> values_;
};

// The records that `read(row)` makes of the rows of Query::page, and where the next page begins.
template <typename Record, typename Read>
[[nodiscard]] Result<Page<Record>> read_page(sqlite::Statement statement, const Question& question, std::size_t limit,
                                             const Read& read) {
  Page<Record> page;
  Place last;
  while (true) {
    FACEPIPE_ASSIGN(const bool found, statement.step());
    if (!found) {
      return page;
    }
    if (page.records.size() == limit) {
      page.next = to_cursor(question, last);
      return page;
    }
    last = {statement.integer(0), statement.integer(1)};
    FACEPIPE_ASSIGN(Record record, read(statement));
    page.records.push_back(std::move(record));
  }
}

}  // namespace facepipe::faces
