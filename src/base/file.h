// Whole files: read, and replace so that a reader sees the old content or the new, never a part.
#pragma once

#include <sys/stat.h>

#include <cerrno>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <system_error>

#include "base/bytes.h"
#include "base/result.h"

namespace facepipe {

// "cannot ACTION PATH: ..." of an errno. The sanitizer looks at an object's type through a pipe, which is not to be had
// where the error is that descriptors have run out.
[[nodiscard]] __attribute__((no_sanitize("vptr"))) inline Error file_error(const std::filesystem::path& path,
                                                                           std::string_view action, int error_number) {
  ErrorCode code = ErrorCode::kUnavailable;
  switch (error_number) {
    case ENOENT:
    case ENOTDIR:
      code = ErrorCode::kNotFound;
      break;
    case EACCES:
    case EPERM:
    case EROFS:
      code = ErrorCode::kPermission;
      break;
    case ENOSPC:
    case EDQUOT:
      code = ErrorCode::kExhausted;
      break;
    case EEXIST:
      code = ErrorCode::kAlreadyExists;
      break;
    default:
      break;
  }
  return Error{code, "cannot " + std::string(action) + " " + path.string() + ": " +
                         std::generic_category().message(error_number)};
}

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

// Reading never waits: what is no regular file (a named pipe, a directory, a device, a socket) is kInvalidArgument that
// says what it is, and is not opened. kNotFound if there is no such file, kTooLarge past `max_bytes` (checked before
// anything is allocated), kPermission, or kUnavailable: also for a file whose content changed while it was read. The
// message names the path.
[[nodiscard]] Result<Bytes> read_file(const std::filesystem::path& path, std::size_t max_bytes);

struct FileContent {
  Bytes bytes;
  FileVersion version;  // of the very file that was read
};
[[nodiscard]] Result<FileContent> read_file_and_version(const std::filesystem::path& path, std::size_t max_bytes);

// The whole file in parts of at most 256 KiB, without keeping it: for digests of large files. Errors as read_file's.
[[nodiscard]] Status read_blocks(const std::filesystem::path& path, const std::function<void(ByteView)>& take);

// The first of these checks alone, for a file that a library opens by its name.
[[nodiscard]] Status check_is_file(const std::filesystem::path& path);

// The one spelling of a file's path, from the root: every folder on the way is there without links, "." and "..". Of
// the file itself a link stays, since writers replace it. As it is where the working folder is gone.
[[nodiscard]] std::filesystem::path whole_path(const std::filesystem::path& path);

// Makes the folder, its owner's alone (mode 0700), and those on the way to it as the umask says, where they are not
// there. One that is there stays as it is; the empty path is the working folder. kPermission naming the folder.
[[nodiscard]] Status make_private_folder(const std::filesystem::path& folder);

// What a user names on the command line: "-" and /dev/stdin are standard input, /dev/fd/N and /proc/self/fd/N what the
// shell opened for this program. Those are read to their end, whatever they are (pipe, terminal, file from where it
// stands), and as long as that takes; past `max_bytes` kTooLarge. Any other path as read_file.
[[nodiscard]] Result<Bytes> read_input(const std::filesystem::path& path, std::size_t max_bytes);
// True for those names.
[[nodiscard]] bool is_given_stream(const std::filesystem::path& path);

// Writes a temporary file beside `path`, flushes it to disk and renames it over `path`, then flushes the folder. What
// writers of `path` that were killed left is removed (base/temporary_file.h).
// kExhausted when the disk is full; `path` then still has its old content. The file's mode is 0600 if `private_file`.
[[nodiscard]] Status write_file_atomically(const std::filesystem::path& path, ByteView content,
                                           bool private_file = false);

// A read-only memory map of a whole file; the bytes live as long as this object. Move-only.
class MappedFile {
 public:
  // Errors as read_file's.
  [[nodiscard]] static Result<MappedFile> open(const std::filesystem::path& path);
  MappedFile(MappedFile&& other) noexcept;
  MappedFile& operator=(MappedFile&& other) noexcept;
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;
  ~MappedFile();
  [[nodiscard]] ByteView bytes() const { return {data_, size_}; }

 private:
  MappedFile(const std::byte* data, std::size_t size) : data_(data), size_(size) {}
  const std::byte* data_ = nullptr;  // null for an empty file
  std::size_t size_ = 0;
};

}  // namespace facepipe
