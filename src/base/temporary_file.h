// A file that is built under another name beside its target and takes the target's place when it is whole, and what
// becomes of one whose writer was killed.
#pragma once

#include <filesystem>

#include "base/bytes.h"
#include "base/result.h"

namespace facepipe {

// An empty file of mode 0600, TARGET.fptmp-XXXXXX (a long name of the target is cut). It is locked (flock) for as long
// as this object lives, which tells everybody else that its writer does. Move-only; one thread at a time.
class TemporaryFile {
 public:
  // First removes what dead writers of `target` left (remove_dead_temporaries), unless this process has seen that the
  // folder holds very many files. kNotFound, kPermission, kExhausted or kUnavailable name the target; kInvalidArgument
  // if it leads to what is no file (a device, a pipe, a folder), which nothing may take the place of.
  [[nodiscard]] static Result<TemporaryFile> create(const std::filesystem::path& target);
  TemporaryFile(TemporaryFile&& other) noexcept;
  TemporaryFile& operator=(TemporaryFile&&) = delete;
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  ~TemporaryFile();  // removes the file, unless it was committed

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  // Appends.
  [[nodiscard]] Status write(ByteView content);

  enum class Existing { kReplace, kKeep };
  // Flushes the content to the disk, renames the file to the target, flushes the folder. kAlreadyExists if there is a
  // target and it is to be kept; after any error but that of the folder's flush the target is what it was.
  [[nodiscard]] Status commit(unsigned mode, Existing existing);

 private:
  TemporaryFile(std::filesystem::path target, std::filesystem::path path, int descriptor)
      : target_(std::move(target)), path_(std::move(path)), descriptor_(descriptor) {}
  std::filesystem::path target_;
  std::filesystem::path path_;  // empty: committed, or moved from
  int descriptor_ = -1;
};

// Removes the temporaries beside `target` whose writers are gone: files of this user, of the name above, that nobody
// locks. Also those of releases that named them TARGET.XXXXXX and did not lock them: only where the six characters look
// drawn by lot (no word, no number) and nobody has the file open. Returns how many; what cannot be told stays.
std::size_t remove_dead_temporaries(const std::filesystem::path& target);

// Flushes a folder: renames and removals in it are on the disk afterwards.
[[nodiscard]] Status flush_folder(const std::filesystem::path& folder);

}  // namespace facepipe
