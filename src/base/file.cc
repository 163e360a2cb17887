// The writing side. Tested by file_test.cc.
#include "base/file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <string>
#include <system_error>

#include "base/descriptor.h"

namespace facepipe {

Error system_error(const std::filesystem::path& path, std::string_view action, int error_number) {
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
    default:
      break;
  }
  return Error{code, "cannot " + std::string(action) + " " + path.string() + ": " +
                         std::generic_category().message(error_number)};
}

namespace {

Status write_all(int fd, ByteView content, const std::filesystem::path& path) {
  while (!content.empty()) {
    const ssize_t written = ::write(fd, content.data(), content.size());
    if (written < 0) {
      if (errno == EINTR) {
        continue;
      }
      return system_error(path, "write", errno);
    }
    content = content.subspan(static_cast<std::size_t>(written));
  }
  return {};
}

}  // namespace

Status write_file_atomically(const std::filesystem::path& path, ByteView content, bool private_file) {
  std::string temporary = path.string() + ".XXXXXX";
  Descriptor file(::mkostemp(temporary.data(), O_CLOEXEC));
  if (file.get() < 0) {
    return system_error(path, "write", errno);
  }
  const mode_t mode = private_file ? 0600 : 0644;
  Status written = write_all(file.get(), content, path);
  if (written && (::fchmod(file.get(), mode) != 0 || ::fsync(file.get()) != 0 || !file.close_now() ||
                  ::rename(temporary.c_str(), path.c_str()) != 0)) {
    written = system_error(path, "write", errno);
  }
  if (!written) {
    ::unlink(temporary.c_str());
    return written;
  }
  const std::filesystem::path folder = path.has_parent_path() ? path.parent_path() : ".";
  Descriptor directory(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (directory.get() < 0 || ::fsync(directory.get()) != 0) {
    return system_error(folder, "flush", errno);
  }
  return {};
}

}  // namespace facepipe
