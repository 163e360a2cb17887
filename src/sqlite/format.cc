// Tested by queue_store_file_test.cc, queue_store_migration_test.cc, face_store_file_test.cc
#include "sqlite/format.h"

namespace facepipe::sqlite {
namespace {

// A check of the whole file at opening costs about a second a gigabyte; larger files are checked as pages are read.
constexpr std::int64_t kMaxCheckedBytes = std::int64_t{256} << 20U;

Status create(Database& database, const FileFormat& format) {
  FACEPIPE_TRY(database.execute("BEGIN EXCLUSIVE"));
  FACEPIPE_TRY(database.execute(std::string(format.first_schema)));
  FACEPIPE_TRY(database.execute("PRAGMA application_id = " + std::to_string(format.application_id)));
  FACEPIPE_TRY(database.execute("PRAGMA user_version = 1"));
  return database.execute("COMMIT");
}

// The version of a file, if it is one that this release can read.
Result<std::int64_t> check(Database& database, const std::filesystem::path& file, const FileFormat& format) {
  const std::string kind(format.kind);
  const std::string named = kind + " " + file.string();
  FACEPIPE_ASSIGN(const std::int64_t application, database.query_integer("PRAGMA application_id"));
  FACEPIPE_ASSIGN(const std::int64_t version, database.query_integer("PRAGMA user_version"));
  if (application != format.application_id) {
    return Error{ErrorCode::kInvalidData, named + ": expected a " + kind + " (application id " +
                                              std::to_string(format.application_id) +
                                              "), got another kind of database (" + std::to_string(application) + ")"};
  }
  if (version < 1 || version > format.version()) {
    return Error{ErrorCode::kUnsupported, named + ": expected format version 1 to " + std::to_string(format.version()) +
                                              ", got " + std::to_string(version) + ", which is another release's"};
  }
  FACEPIPE_ASSIGN(const std::int64_t pages, database.query_integer("PRAGMA page_count"));
  if (pages <= kMaxCheckedBytes / format.page_bytes) {
    FACEPIPE_ASSIGN(const std::int64_t sound,
                    database.query_integer("SELECT quick_check = 'ok' FROM pragma_quick_check(1)"));
    if (sound != 1) {
      return Error{ErrorCode::kInvalidData, named + ": damaged (integrity check failed)"};
    }
  }
  return version;
}

Status migrate(Database& database, const FileFormat& format, std::int64_t version) {
  FACEPIPE_TRY(database.execute("BEGIN EXCLUSIVE"));
  for (; version < format.version(); ++version) {
    FACEPIPE_TRY(database.execute(std::string(format.migrations[static_cast<std::size_t>(version - 1)])));
  }
  FACEPIPE_TRY(database.execute("PRAGMA user_version = " + std::to_string(format.version())));
  return database.execute("COMMIT");
}

}  // namespace

Status prepare_pages(Database& database, const FileFormat& format) {
  FACEPIPE_ASSIGN(const std::int64_t tables, database.query_integer("SELECT count(*) FROM sqlite_schema"));
  // Before the first table only; later it would be a write, for which a full disk may have no space.
  return tables > 0 ? Status{}
                    : database.execute("PRAGMA page_size = " + std::to_string(format.page_bytes) +
                                       "; PRAGMA auto_vacuum = INCREMENTAL");
}

Status settle_format(Database& database, const std::filesystem::path& file, const FileFormat& format) {
  FACEPIPE_ASSIGN(const std::int64_t tables, database.query_integer("SELECT count(*) FROM sqlite_schema"));
  FACEPIPE_ASSIGN(const std::int64_t application, database.query_integer("PRAGMA application_id"));
  if (tables == 0 && application == 0) {
    FACEPIPE_TRY(create(database, format));
  }
  FACEPIPE_ASSIGN(const std::int64_t version, check(database, file, format));
  return version < format.version() ? migrate(database, format, version) : Status{};
}

}  // namespace facepipe::sqlite
