// Tested by queue_store_full_test.cc, tests/fault/test_disk_full.py
#include "queue/store/room.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "queue/validation.h"

namespace facepipe::queue {
namespace {

constexpr std::int64_t kSpareBytes = 256 << 10;
// Values of SQLite's setting; the library's default is the build's.
constexpr std::int64_t kSecureDeleteOn = 1;
constexpr std::int64_t kSecureDeleteFast = 2;

// Blocks for `file`, which is made if it is absent; its length stays. True: they are there, or cannot be had on this
// file system at all.
bool set_blocks_aside(const std::filesystem::path& file) {
  const int descriptor = ::open(file.c_str(), O_CREAT | O_CLOEXEC | O_RDWR | O_NOFOLLOW, S_IRUSR | S_IWUSR);
  if (descriptor < 0) {
    return true;
  }
  const auto allocate = [descriptor] {
    int code = 0;
    do {
      code = ::fallocate(descriptor, FALLOC_FL_KEEP_SIZE, 0, kLogRoomBytes);
    } while (code != 0 && errno == EINTR);
    return code == 0 || (errno != ENOSPC && errno != EDQUOT);
  };
  // A journalling file system gives the blocks of a file that was just removed only after its journal is written.
  const bool done = allocate() || (::fsync(descriptor) == 0 && ::syncfs(descriptor) == 0 && allocate());
  ::close(descriptor);
  return done;
}

std::filesystem::path log_of(const std::filesystem::path& file) {
  return file.native() + "-wal";
}

}  // namespace

std::filesystem::path reserve_file(const std::filesystem::path& file) {
  return file.native() + ".reserve";
}

void LogRoom::take(const std::filesystem::path& file) {
  file_ = file;
  const bool had_blocks = set_blocks_aside(log_of(file_));
  std::error_code ignored;
  std::filesystem::remove(reserve_file(file_), ignored);
  if (!had_blocks) {
    (void)set_blocks_aside(log_of(file_));
  }
}

LogRoom::LogRoom(LogRoom&& other) noexcept : file_(std::exchange(other.file_, {})) {}

LogRoom::~LogRoom() {
  std::error_code ignored;
  if (file_.empty() || std::filesystem::exists(log_of(file_), ignored) || !std::filesystem::exists(file_, ignored)) {
    return;
  }
  if (!set_blocks_aside(reserve_file(file_))) {
    std::filesystem::remove(reserve_file(file_), ignored);
  }
}

Status keep_spare_pages(sqlite::Database& database) {
  {
    sqlite::Statement select = database.statement("SELECT 1 FROM payload WHERE message = -1");
    FACEPIPE_ASSIGN(const bool there, select.step());
    if (there) {
      return {};
    }
  }
  return database.statement("INSERT INTO payload (message, body, attributes) VALUES (-1, zeroblob(?), x'')")
      .bind(kSpareBytes)
      .run();
}

Status give_up_spare_pages(sqlite::Database& database) {
  FACEPIPE_ASSIGN(const std::int64_t secure_delete, database.query_integer("PRAGMA secure_delete"));
  if (secure_delete == kSecureDeleteOn) {
    FACEPIPE_TRY(database.execute("PRAGMA secure_delete = FAST"));
  }
  return database.statement("DELETE FROM payload WHERE message = -1").run();
}

Status drop_cut_off_trial(sqlite::Database& database) {
  return database.statement("DELETE FROM payload WHERE message = -1 AND length(body) <> ?").bind(kSpareBytes).run();
}

Status set_spare_pages_aside(sqlite::Database& database) {
  FACEPIPE_TRY(database.transact([&database] { return keep_spare_pages(database); }));
  FACEPIPE_ASSIGN(const std::int64_t secure_delete, database.query_integer("PRAGMA secure_delete"));
  return secure_delete == kSecureDeleteFast ? database.execute("PRAGMA secure_delete = ON") : Status{};
}

Status trial_write(sqlite::Database& database) {
  FACEPIPE_TRY(database.checkpoint());
  FACEPIPE_TRY(database.transact([&database] {
    return database
        .statement("INSERT OR REPLACE INTO payload (message, body, attributes) VALUES (-1, zeroblob(?), x'')")
        .bind(static_cast<std::int64_t>(kMaxMessageBytes))
        .run();
  }));
  FACEPIPE_TRY(database.transact([&database] { return drop_cut_off_trial(database); }));
  return set_spare_pages_aside(database);
}

}  // namespace facepipe::queue
