// Tested by maintenance_test.cc of queue/store, face_store_maintenance_test.cc
#include "sqlite/backup.h"

#include <sys/stat.h>

#include <system_error>

#include "base/temporary_file.h"

namespace facepipe::sqlite {

Status back_up(Database& database, const std::filesystem::path& target) {
  std::error_code ignored;
  if (std::filesystem::exists(target, ignored)) {  // before the work; commit() says it at the last moment
    return Error{ErrorCode::kAlreadyExists, target.string() + " exists: expected a new file"};
  }
  FACEPIPE_ASSIGN(TemporaryFile copy, TemporaryFile::create(target));  // SQLite takes an empty file
  FACEPIPE_TRY(database.statement("VACUUM INTO ?").bind(copy.path().native()).run());
  return copy.commit(S_IRUSR | S_IWUSR, TemporaryFile::Existing::kKeep);
}

}  // namespace facepipe::sqlite
