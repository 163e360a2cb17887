// Keeps editors of one gallery file apart: whoever loads, changes and saves holds the lock meanwhile.
#pragma once

#include <chrono>
#include <filesystem>

#include "base/result.h"

namespace facepipe::gallery {

// An exclusive lock (flock) on FILE.lock beside the gallery, which is made if absent and stays. Held until destruction;
// the system lets go when the process ends. Readers need no lock: files are replaced whole. Move-only.
class GalleryFileLock {
 public:
  // Waits for other holders, in this process or another. kTimeout after `patience`, naming the lock file; kNotFound or
  // kPermission if it cannot be made.
  [[nodiscard]] static Result<GalleryFileLock> acquire(const std::filesystem::path& gallery_file,
                                                       std::chrono::milliseconds patience = std::chrono::seconds(10));
  GalleryFileLock(GalleryFileLock&& other) noexcept;
  GalleryFileLock& operator=(GalleryFileLock&& other) noexcept;
  GalleryFileLock(const GalleryFileLock&) = delete;
  GalleryFileLock& operator=(const GalleryFileLock&) = delete;
  ~GalleryFileLock();

 private:
  explicit GalleryFileLock(int descriptor) : descriptor_(descriptor) {}
  int descriptor_ = -1;
};

}  // namespace facepipe::gallery
