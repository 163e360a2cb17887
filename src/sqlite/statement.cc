// Tested by queue_store_file_test.cc and whoever asks a database
#include <sqlite3.h>

#include "sqlite/sqlite.h"

namespace facepipe::sqlite {

Statement::Statement(Statement&& other) noexcept
    : database_(other.database_),
      statement_(std::exchange(other.statement_, nullptr)),
      code_(other.code_),
      bound_(other.bound_),
      once_(other.once_) {}

Statement::~Statement() {
  if (once_) {
    sqlite3_finalize(statement_);
  } else if (statement_ != nullptr) {
    sqlite3_reset(statement_);
    sqlite3_clear_bindings(statement_);
  }
}

void Statement::keep(int code) {
  if (code_ == SQLITE_OK) {
    code_ = code;
  }
}

Statement& Statement::bind(std::int64_t value) {
  keep(sqlite3_bind_int64(statement_, ++bound_, value));
  return *this;
}

Statement& Statement::bind(std::optional<std::int64_t> value) {
  if (value) {
    return bind(*value);
  }
  keep(sqlite3_bind_null(statement_, ++bound_));
  return *this;
}

Statement& Statement::bind(std::string_view text) {
  // SQLITE_TRANSIENT is a C-style cast of -1.
  const auto transient = reinterpret_cast<sqlite3_destructor_type>(std::intptr_t{-1});
  const char* data = text.data() == nullptr ? "" : text.data();
  keep(sqlite3_bind_text64(statement_, ++bound_, data, text.size(), transient, SQLITE_UTF8));
  return *this;
}

Statement& Statement::bind_blob(ByteView bytes) {
  static constexpr char kEmpty = 0;  // a null pointer would bind NULL
  const void* data = bytes.empty() ? static_cast<const void*>(&kEmpty) : bytes.data();
  keep(sqlite3_bind_blob64(statement_, ++bound_, data, bytes.size(), nullptr));
  return *this;
}

Statement& Statement::bind_column(const Statement& row, int column) {
  keep(sqlite3_bind_value(statement_, ++bound_, sqlite3_column_value(row.statement_, column)));
  return *this;
}

Result<bool> Statement::step() {
  if (code_ != SQLITE_OK) {
    return database_->error(code_);
  }
  const int code = sqlite3_step(statement_);
  if (code == SQLITE_ROW) {
    return true;
  }
  if (code == SQLITE_DONE) {
    return false;
  }
  keep(code);
  return database_->error(code);
}

Status Statement::run() {
  FACEPIPE_TRY(step());
  return {};
}

Statement& Statement::again() {
  if (statement_ != nullptr) {  // else what was wrong with its text stays
    sqlite3_reset(statement_);
    sqlite3_clear_bindings(statement_);
    code_ = SQLITE_OK;
  }
  bound_ = 0;
  return *this;
}

std::int64_t Statement::integer(int column) const {
  return sqlite3_column_int64(statement_, column);
}

std::optional<std::int64_t> Statement::optional_integer(int column) const {
  if (sqlite3_column_type(statement_, column) == SQLITE_NULL) {
    return std::nullopt;
  }
  return integer(column);
}

std::string Statement::text(int column) const {
  return std::string(as_text(blob(column)));
}

ByteView Statement::blob(int column) const {
  // For TEXT the bytes are the UTF-8 text. The pointer is asked for first: sqlite3_column_bytes counts what it made.
  const void* data = sqlite3_column_blob(statement_, column);
  const int size = sqlite3_column_bytes(statement_, column);
  if (data == nullptr || size <= 0) {
    return {};
  }
  return {static_cast<const std::byte*>(data), static_cast<std::size_t>(size)};
}

}  // namespace facepipe::sqlite
