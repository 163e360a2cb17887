// Keeps editors of one file apart: whoever loads, changes and saves it holds the lock meanwhile.
#pragma once

#include <chrono>
#include <filesystem>

#include "base/result.h"

namespace facepipe {

// An exclusive lock (flock) on FILE.lock beside the file, which is made if absent and stays. Held until destruction;
// the system lets go when the process ends. Readers need no lock: files are replaced whole. Move-only.
class FileLock {
 public:
  // Waits for other holders, in this process or another. kTimeout after `patience`, naming the lock file; kNotFound or
  // kPermission if it cannot be made.
  [[nodiscard]] static Result<FileLock> acquire(const std::filesystem::path& file,
                                                std::chrono::milliseconds patience = std::chrono::seconds(10));
  FileLock(FileLock&& other) noexcept;
  FileLock& operator=(FileLock&& other) noexcept;
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;
  ~FileLock();

 private:
  explicit FileLock(int descriptor) : descriptor_(descriptor) {}
  int descriptor_ = -1;
};

}  // namespace facepipe
