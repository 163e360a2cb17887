// What tells one state of a file from another.
#pragma once

#include <sys/stat.h>

#include <cstdint>
#include <filesystem>

namespace facepipe {

// Two looks at a path that give equal versions saw the same content under the same rights, but for changes within one
// tick of the file system's clock (LiveFile sees to those). The time of the last change of the inode is among them: a
// change of mode or owner moves nothing else, and no program can set it back.
struct FileVersion {
  int error = 0;  // of stat: 0 for a file that is there; ENOENT and others are versions, too
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  std::uint64_t size = 0;
  std::uint32_t mode = 0;
  std::uint32_t owner = 0;
  std::uint32_t group = 0;
  std::int64_t modified_ns = 0;  // content
  std::int64_t changed_ns = 0;   // content, mode, owner, name
  friend bool operator==(const FileVersion&, const FileVersion&) = default;

  // It is known what is there: a file, or nothing.
  [[nodiscard]] bool known() const;
};

// Of what the path leads to. Opens nothing, so it works where descriptors have run out.
[[nodiscard]] FileVersion version_of(const std::filesystem::path& path);
[[nodiscard]] FileVersion version_of(const struct stat& status);

}  // namespace facepipe
