// SQLite's connection and prepared statements as owners, its codes as Errors.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <type_traits>
#include <unordered_map>

#include "base/bytes.h"
#include "base/result.h"

struct sqlite3;
struct sqlite3_stmt;

namespace facepipe::sqlite {

class Database;

// One use of a prepared statement: bind in order, step, read columns; reset when it goes. A statement may be in use
// once at a time. Trouble in preparing or binding is kept and returned by step(), so that uses read straight down.
class Statement {
 public:
  Statement(Statement&& other) noexcept;
  Statement& operator=(Statement&&) = delete;
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;
  ~Statement();

  Statement& bind(std::int64_t value);
  Statement& bind(std::optional<std::int64_t> value);  // absent: NULL
  Statement& bind(std::string_view text);              // copied
  Statement& bind_blob(ByteView bytes);                // not copied: must live until the last step
  template <typename... Values>
    requires(sizeof...(Values) > 1)
  Statement& bind(const Values&... values) {
    (bind(values), ...);
    return *this;
  }

  // The value of a column of another statement's present row, whatever its type. Copied.
  Statement& bind_column(const Statement& row, int column);

  // true: a row is there; false: done.
  [[nodiscard]] Result<bool> step();
  // Calls `row()` for each row that is left; an error of a step ends it, and one of `row`, where that is a Status.
  template <typename Row>
  [[nodiscard]] Status each(const Row& row) {
    while (true) {
      FACEPIPE_ASSIGN(const bool found, step());
      if (!found) {
        return {};
      }
      if constexpr (std::is_void_v<std::invoke_result_t<const Row&>>) {
        row();
      } else {
        FACEPIPE_TRY(row());
      }
    }
  }
  // What `read()`, a value or the Result of one, makes of each.
  template <typename Read, typename Value = typename decltype(Result(std::declval<const Read&>()()))::value_type>
  [[nodiscard]] Result<std::vector<Value>> all(const Read& read) {
    std::vector<Value> rows;
    FACEPIPE_TRY(each([&]() -> Status {
      FACEPIPE_ASSIGN(Value value, Result(read()));
      rows.push_back(std::move(value));
      return {};
    }));
    return rows;
  }
  // What it makes of the next; nothing where there is none.
  template <typename Read, typename Value = typename decltype(Result(std::declval<const Read&>()()))::value_type>
  [[nodiscard]] Result<std::optional<Value>> one(const Read& read) {
    FACEPIPE_ASSIGN(const bool found, step());
    if (!found) {
      return std::optional<Value>();
    }
    FACEPIPE_ASSIGN(Value value, Result(read()));
    return std::optional(std::move(value));
  }
  // For statements without rows.
  [[nodiscard]] Status run();
  // For another use, with values bound anew: of statement_once in a loop.
  Statement& again();

  // Columns of the present row, from 0.
  [[nodiscard]] std::int64_t integer(int column) const;
  [[nodiscard]] std::optional<std::int64_t> optional_integer(int column) const;
  [[nodiscard]] std::string text(int column) const;
  [[nodiscard]] ByteView blob(int column) const;  // until the next step

 private:
  friend class Database;
  Statement(const Database* database, sqlite3_stmt* statement, int code, bool once = false)
      : database_(database), statement_(statement), code_(code), once_(once) {}
  void keep(int code);

  const Database* database_;
  sqlite3_stmt* statement_;  // null: could not be prepared
  int code_;                 // first trouble, SQLITE_OK if none
  int bound_ = 0;
  bool once_;  // ends with this use
};

// One connection. Not thread-safe: one thread at a time.
class Database {
 public:
  // Creates the file (mode 0600) if it is absent. `kind` is what errors call it: "queue store".
  [[nodiscard]] static Result<std::unique_ptr<Database>> open(const std::filesystem::path& file, std::string_view kind);
  // Reads only, and only while the file is open by open() in write-ahead mode: a further connection beside that one.
  // Sees what was committed before each of its statements, or before the first of a transaction.
  [[nodiscard]] static Result<std::unique_ptr<Database>> open_reader(const std::filesystem::path& file,
                                                                     std::string_view kind);
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;
  ~Database();

  // `sql` is a string literal: statements are kept by its text for the connection's life.
  [[nodiscard]] Statement statement(std::string_view sql);
  // Of a text that was made for this use: prepared anew, and not kept.
  [[nodiscard]] Statement statement_once(const std::string& sql) const;
  // Runs one or more statements whose rows nobody wants.
  [[nodiscard]] Status execute(const std::string& sql);
  // Runs `work` as a transaction of its own, which is undone after an error.
  [[nodiscard]] Status transact(const std::function<Status()>& work);
  // Undoes the transaction that is open, if there is one.
  void roll_back();
  // Ends a transaction. Where it makes the file grow, the file gets that space first, and kExhausted, with the
  // transaction open, is the answer if there is none. So the log can always be taken into the file.
  [[nodiscard]] Status commit();
  // Takes the log into the file as far as it goes, so that it begins anew. Not within a transaction.
  [[nodiscard]] Status checkpoint();
  // Takes all of the log into the file and cuts it to no length, so that its bytes are gone. Waits for readers for up
  // to `patience`, then kUnavailable. Not within a transaction.
  [[nodiscard]] Status empty_log(std::chrono::milliseconds patience);
  // Calls `take(block)` for the bytes of the file itself, in order, without the log: each block begins with the
  // last `overlap` bytes of the one before. By the connection's own descriptor: another one's closing would take away
  // the locks of this process.
  [[nodiscard]] Status read_file(std::size_t overlap, const std::function<void(ByteView block)>& take) const;
  // What SQLite's check of the whole file finds wrong, ten things at most, or why it could not look. Empty: sound.
  [[nodiscard]] std::vector<std::string> problems();
  // First column of the first row; kInternal without a row.
  [[nodiscard]] Result<std::int64_t> query_integer(const std::string& sql);

  [[nodiscard]] bool in_transaction() const;
  [[nodiscard]] std::int64_t last_insert_id() const;
  [[nodiscard]] std::int64_t changes() const;  // rows changed by the last statement

  // kExhausted, as where SQLite finds no space.
  [[nodiscard]] Error no_space() const;
  // The Error of a code that came from this connection; the message names the file and the kind of trouble.
  [[nodiscard]] Error error(int code) const;

 private:
  Database(sqlite3* handle, std::filesystem::path file, std::string_view kind)
      : handle_(handle), file_(std::move(file)), kind_(kind) {}
  [[nodiscard]] bool grow_file(std::int64_t from, std::int64_t bytes);

  sqlite3* handle_;
  std::filesystem::path file_;
  std::string kind_;
  std::unordered_map<std::string_view, sqlite3_stmt*> statements_;
};

// The disk's, the file's or the memory's trouble, which every writer of a store has; not the caller's own.
[[nodiscard]] bool is_store_trouble(const Error& error);

}  // namespace facepipe::sqlite
