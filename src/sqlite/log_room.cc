// Tested by queue_store_full_test.cc, tests/fault/test_disk_full.py
#include "sqlite/log_room.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

namespace facepipe::sqlite {
namespace {

// Blocks for `file`, which is made if it is absent; its length stays. True: they are there, or cannot be had on this
// file system at all.
bool set_blocks_aside(const std::filesystem::path& file, std::int64_t bytes) {
  const int descriptor = ::open(file.c_str(), O_CREAT | O_CLOEXEC | O_RDWR | O_NOFOLLOW, S_IRUSR | S_IWUSR);
  if (descriptor < 0) {
    return true;
  }
  const auto allocate = [descriptor, bytes] {
    int code = 0;
    do {
      code = ::fallocate(descriptor, FALLOC_FL_KEEP_SIZE, 0, bytes);
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

void LogRoom::lend(const std::filesystem::path& file) {
  file_ = file;
  beside_bytes_ = kLogIndexBytes;
  std::error_code ignored;
  std::filesystem::remove(reserve_file(file_), ignored);
}

void LogRoom::take(const std::filesystem::path& file) {
  file_ = file;
  const bool had_blocks = set_blocks_aside(log_of(file_), kLogRoomBytes);
  std::error_code ignored;
  std::filesystem::remove(reserve_file(file_), ignored);
  if (!had_blocks) {
    (void)set_blocks_aside(log_of(file_), kLogRoomBytes);
  }
}

Status LogRoom::empty_log(Database& database, std::chrono::milliseconds patience) const {
  Status emptied = database.empty_log(patience);
  (void)set_blocks_aside(log_of(file_), kLogRoomBytes);
  return emptied;
}

LogRoom::LogRoom(LogRoom&& other) noexcept
    : file_(std::exchange(other.file_, {})), beside_bytes_(other.beside_bytes_) {}

LogRoom::~LogRoom() {
  std::error_code ignored;
  if (file_.empty() || std::filesystem::exists(log_of(file_), ignored) || !std::filesystem::exists(file_, ignored)) {
    return;
  }
  if (!set_blocks_aside(reserve_file(file_), kLogRoomBytes + beside_bytes_)) {
    std::filesystem::remove(reserve_file(file_), ignored);
  }
}

}  // namespace facepipe::sqlite
