// Keeps editors of one file apart: whoever loads, changes and saves it holds the lock meanwhile.
#pragma once

#include <chrono>
#include <filesystem>

#include "base/process.h"
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

 private:
  explicit FileLock(Descriptor descriptor) : descriptor_(std::move(descriptor)) {}
  Descriptor descriptor_;  // whose closing lets go of the lock
};

}  // namespace facepipe
