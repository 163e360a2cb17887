// Connections; statement.cc has what they prepare. Tested by queue_store_file_test.cc and queue_store_crash_test.cc
#include "sqlite/sqlite.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <limits>

#include "base/check.h"
#include "base/file.h"
#include "base/process.h"

namespace facepipe::sqlite {
namespace {

constexpr std::int64_t kGrowthBytes = 512 << 10;  // at a time, where there is that much

ErrorCode error_code(int code, int system_errno) {
  switch (code & 0xff) {
    case SQLITE_FULL:
    case SQLITE_NOMEM:
      return ErrorCode::kExhausted;
    case SQLITE_IOERR:
      return system_errno == ENOSPC || system_errno == EDQUOT ? ErrorCode::kExhausted : ErrorCode::kUnavailable;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return ErrorCode::kUnavailable;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return ErrorCode::kInvalidData;
    case SQLITE_PERM:
    case SQLITE_READONLY:
    case SQLITE_CANTOPEN:
    case SQLITE_AUTH:
      return ErrorCode::kPermission;
    case SQLITE_TOOBIG:
      return ErrorCode::kTooLarge;
    default:
      return ErrorCode::kInternal;
  }
}

// SQLite would create the file with the umask's mode; messages are faces, so nobody else may read them.
void create_private(const std::filesystem::path& file) {
  // Where it cannot, sqlite3_open_v2 fails on the same path and says why.
  const Descriptor made(::open(file.c_str(), O_CREAT | O_CLOEXEC | O_RDWR, S_IRUSR | S_IWUSR));
}

}  // namespace

Result<std::unique_ptr<Database>> Database::open(const std::filesystem::path& file, std::string_view kind) {
  create_private(file);
  if (const Status is_file = check_is_file(file); !is_file && is_file.error().code == ErrorCode::kInvalidArgument) {
    return is_file.error();  // a pipe, a device, a folder: SQLite may wait for it. What else is wrong it says itself
  }
  sqlite3* handle = nullptr;
  // No mutex: one thread at a time uses the connection.
  const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
  const int code = sqlite3_open_v2(file.c_str(), &handle, flags, nullptr);
  std::unique_ptr<Database> database(new Database(handle, file, kind));
  if (code != SQLITE_OK) {
    return database->error(code);
  }
  // Without a chunk size SQLite takes no notice of what commit() asks for. Of any size that divides a page: files end
  // where their pages do.
  int chunk_bytes = 512;
  (void)sqlite3_file_control(handle, "main", SQLITE_FCNTL_CHUNK_SIZE, &chunk_bytes);
  return database;
}

Result<std::unique_ptr<Database>> Database::open_reader(const std::filesystem::path& file, std::string_view kind) {
  // Nothing here may open and close the file by itself: that would take away the locks of this process.
  sqlite3* handle = nullptr;
  const int flags = SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
  const int code = sqlite3_open_v2(file.c_str(), &handle, flags, nullptr);
  std::unique_ptr<Database> database(new Database(handle, file, kind));
  if (code != SQLITE_OK) {
    return database->error(code);
  }
  FACEPIPE_TRY(database->execute("PRAGMA query_only = ON; PRAGMA trusted_schema = OFF; PRAGMA temp_store = MEMORY"));
  return database;
}

Database::~Database() {
  for (const auto& [sql, statement] : statements_) {
    sqlite3_finalize(statement);
  }
  sqlite3_close(handle_);
}

Statement Database::statement(std::string_view sql) {
  const auto known = statements_.find(sql);
  if (known != statements_.end()) {
    FACEPIPE_CHECK(sqlite3_stmt_busy(known->second) == 0);
    return {this, known->second, SQLITE_OK};
  }
  FACEPIPE_CHECK(sql.size() < std::numeric_limits<int>::max());
  sqlite3_stmt* statement = nullptr;
  const int code = sqlite3_prepare_v3(handle_, sql.data(), static_cast<int>(sql.size()), SQLITE_PREPARE_PERSISTENT,
                                      &statement, nullptr);
  if (code == SQLITE_OK) {
    statements_.emplace(sql, statement);
  }
  return {this, statement, code};
}

Statement Database::statement_once(const std::string& sql) const {
  sqlite3_stmt* statement = nullptr;
  const int code = sqlite3_prepare_v2(handle_, sql.c_str(), -1, &statement, nullptr);
  return {this, statement, code, true};
}

Status Database::execute(const std::string& sql) {
  const int code = sqlite3_exec(handle_, sql.c_str(), nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) {
    return error(code);
  }
  return {};
}

Status Database::transact(const std::function<Status()>& work) {
  FACEPIPE_TRY(execute("BEGIN"));
  Status done = work();
  if (done) {
    done = commit();
  }
  if (!done) {
    roll_back();
  }
  return done;
}

void Database::roll_back() {
  if (in_transaction()) {
    (void)execute("ROLLBACK");  // cannot fail in a way that leaves anything to do
  }
}

Status Database::commit() {
  std::int64_t pages = 0;
  std::int64_t page_bytes = 0;
  {
    Statement count = statement("PRAGMA page_count");
    Statement size = statement("PRAGMA page_size");
    FACEPIPE_TRY(count.step());
    FACEPIPE_TRY(size.step());
    pages = count.integer(0);
    page_bytes = size.integer(0);
  }
  // By its path: to open and close the file once more would take SQLite's lock away.
  struct stat info{};
  const std::int64_t needed = pages * page_bytes;
  if (::stat(file_.c_str(), &info) == 0 && needed > info.st_size &&
      !grow_file(info.st_size, (needed + kGrowthBytes - 1) / kGrowthBytes * kGrowthBytes) &&
      !grow_file(info.st_size, needed)) {
    return no_space();
  }
  return statement("COMMIT").run();
}

// A growth that fails half-way leaves a longer file: its length would say that there is space where there is none, and
// the log could not be taken into it any more.
bool Database::grow_file(std::int64_t from, std::int64_t bytes) {
  sqlite3_int64 size = bytes;
  if (sqlite3_file_control(handle_, "main", SQLITE_FCNTL_SIZE_HINT, &size) == SQLITE_OK) {
    return true;
  }
  sqlite3_file* file = nullptr;
  if (sqlite3_file_control(handle_, "main", SQLITE_FCNTL_FILE_POINTER, &file) == SQLITE_OK) {
    (void)file->pMethods->xTruncate(file, from);
  }
  return false;
}

Status Database::checkpoint() {
  return execute("PRAGMA wal_checkpoint(PASSIVE)");
}

Status Database::empty_log(std::chrono::milliseconds patience) {
  FACEPIPE_TRY(execute("PRAGMA busy_timeout = " + std::to_string(patience.count())));
  const auto busy = query_integer("PRAGMA wal_checkpoint(TRUNCATE)");
  FACEPIPE_TRY(execute("PRAGMA busy_timeout = 0"));
  if (!busy) {
    return busy.error();
  }
  return *busy == 0 ? Status{} : error(SQLITE_BUSY);
}

Status Database::read_file(std::size_t overlap, const std::function<void(ByteView block)>& take) const {
  constexpr std::size_t kBlock = std::size_t{1} << 20U;
  sqlite3_file* file = nullptr;
  if (const int code = sqlite3_file_control(handle_, "main", SQLITE_FCNTL_FILE_POINTER, &file); code != SQLITE_OK) {
    return error(code);
  }
  sqlite3_int64 size = 0;
  if (const int code = file->pMethods->xFileSize(file, &size); code != SQLITE_OK) {
    return error(code);
  }
  Bytes block(overlap + kBlock);
  std::size_t kept = 0;
  for (sqlite3_int64 at = 0; at < size;) {
    const auto count = std::min(kBlock, static_cast<std::size_t>(size - at));
    const int code = file->pMethods->xRead(file, block.data() + kept, static_cast<int>(count), at);
    if (code == SQLITE_IOERR_SHORT_READ) {
      return {};  // it was cut meanwhile
    }
    if (code != SQLITE_OK) {
      return error(code);
    }
    const ByteView whole = ByteView(block).first(kept + count);
    take(whole);
    kept = std::min(overlap, whole.size());
    std::copy(whole.end() - static_cast<std::ptrdiff_t>(kept), whole.end(), block.begin());
    at += static_cast<sqlite3_int64>(count);
  }
  return {};
}

std::vector<std::string> Database::problems() {
  std::vector<std::string> found;
  Statement rows = statement("SELECT integrity_check FROM pragma_integrity_check(10)");
  const Status read = rows.each([&] {
    if (std::string text = rows.text(0); text != "ok") {
      found.push_back(std::move(text));
    }
  });
  if (!read) {
    found.push_back(read.error().message);
  }
  return found;
}

Result<std::int64_t> Database::query_integer(const std::string& sql) {
  sqlite3_stmt* raw = nullptr;
  const int code = sqlite3_prepare_v2(handle_, sql.c_str(), -1, &raw, nullptr);
  const std::unique_ptr<sqlite3_stmt, decltype(&sqlite3_finalize)> owner(raw, &sqlite3_finalize);
  if (code != SQLITE_OK) {
    return error(code);
  }
  const int stepped = sqlite3_step(raw);
  if (stepped == SQLITE_ROW) {
    return sqlite3_column_int64(raw, 0);
  }
  if (stepped == SQLITE_DONE) {
    return Error{ErrorCode::kInternal, kind_ + ": no row from '" + sql + "'"};
  }
  return error(stepped);
}

bool Database::in_transaction() const {
  return sqlite3_get_autocommit(handle_) == 0;
}

std::int64_t Database::last_insert_id() const {
  return sqlite3_last_insert_rowid(handle_);
}

std::int64_t Database::changes() const {
  return sqlite3_changes64(handle_);
}

Error Database::no_space() const {
  return error(SQLITE_FULL);
}

Error Database::error(int code) const {
  const ErrorCode mapped = error_code(code, handle_ == nullptr ? 0 : sqlite3_system_errno(handle_));
  std::string message = kind_ + " " + file_.string() + ": ";
  switch (mapped) {
    case ErrorCode::kExhausted:
      message += "no space left (disk, memory or the store's own limit)";
      break;
    case ErrorCode::kUnavailable:
      message += (code & 0xff) == SQLITE_IOERR ? "the disk failed" : "another process has it open";
      break;
    case ErrorCode::kInvalidData:
      message += "not a " + kind_ + ", or damaged";
      break;
    default:
      message += "SQLite failed";
      break;
  }
  // The code's own text, never the connection's: that may quote values.
  message += ": ";
  message += sqlite3_errstr(code);
  return Error{mapped, std::move(message)};
}

bool is_store_trouble(const Error& error) {
  return error.code == ErrorCode::kExhausted || error.code == ErrorCode::kInvalidData ||
         error.code == ErrorCode::kUnavailable || error.code == ErrorCode::kPermission;
}

}  // namespace facepipe::sqlite
