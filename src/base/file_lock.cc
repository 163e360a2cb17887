// Tested by file_lock_test.cc.
#include "base/file_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <thread>

#include "base/file.h"

namespace facepipe {
Result<FileLock> FileLock::acquire(const std::filesystem::path& file, std::chrono::milliseconds patience) {
  constexpr std::chrono::milliseconds kPoll(20);  // flock has no deadline of its own
  constexpr mode_t kOwnerOnly = 0600;
  const std::string path = file.string() + ".lock";
  Descriptor descriptor(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, kOwnerOnly));
  if (descriptor.get() < 0) {
    return file_error(path, "lock", errno);
  }
  const auto deadline = std::chrono::steady_clock::now() + patience;
  while (::flock(descriptor.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno == EINTR) {
      continue;
    }
    if (errno != EWOULDBLOCK) {
      return file_error(path, "lock", errno);
    }
    const auto now = std::chrono::steady_clock::now();
    if (now >= deadline) {
      return Error{ErrorCode::kTimeout,
                   path + ": another program has held it for " + std::to_string(patience.count()) + " ms"};
    }
    std::this_thread::sleep_for(std::min<std::chrono::steady_clock::duration>(kPoll, deadline - now));
  }
  return FileLock(std::move(descriptor));
}

}  // namespace facepipe
