// Tested by file_test.cc.
#include "base/file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <string>
#include <system_error>
#include <utility>

namespace facepipe {
namespace {

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() { static_cast<void>(close_now()); }
  [[nodiscard]] int get() const { return fd_; }
  [[nodiscard]] bool close_now() {
    const int fd = std::exchange(fd_, -1);
    return fd < 0 || ::close(fd) == 0;
  }

 private:
  int fd_;
};

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

// Opens a regular file for reading and returns its size with it.
Result<std::size_t> regular_file_size(int fd, const std::filesystem::path& path) {
  struct stat info{};
  if (::fstat(fd, &info) != 0) {
    return system_error(path, "read", errno);
  }
  if (!S_ISREG(info.st_mode)) {
    return Error{ErrorCode::kInvalidArgument, "expected a file, found something else: " + path.string()};
  }
  return static_cast<std::size_t>(info.st_size);
}

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

Result<Bytes> read_file(const std::filesystem::path& path, std::size_t max_bytes) {
  Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.get() < 0) {
    return system_error(path, "open", errno);
  }
  FACEPIPE_ASSIGN(const std::size_t size, regular_file_size(file.get(), path));
  if (size > max_bytes) {
    return Error{ErrorCode::kTooLarge,
                 path.string() + " has " + std::to_string(size) + " bytes; the limit is " + std::to_string(max_bytes)};
  }
  Bytes content(size);
  std::size_t done = 0;
  while (done < size) {
    const ssize_t count = ::read(file.get(), content.data() + done, size - done);
    if (count < 0 && errno == EINTR) {
      continue;
    }
    if (count < 0) {
      return system_error(path, "read", errno);
    }
    if (count == 0) {
      break;  // truncated meanwhile: what is there now
    }
    done += static_cast<std::size_t>(count);
  }
  content.resize(done);
  return content;
}

Status write_file_atomically(const std::filesystem::path& path, ByteView content, bool private_file) {
  // A device or a pipe would be replaced by a file, not written to.
  struct stat there{};
  if (::stat(path.c_str(), &there) == 0 && !S_ISREG(there.st_mode)) {
    return Error{ErrorCode::kInvalidArgument, "expected a file to write, found something else: " + path.string()};
  }
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

Result<MappedFile> MappedFile::open(const std::filesystem::path& path) {
  Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.get() < 0) {
    return system_error(path, "open", errno);
  }
  FACEPIPE_ASSIGN(const std::size_t size, regular_file_size(file.get(), path));
  if (size == 0) {
    return MappedFile(nullptr, 0);
  }
  void* address = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file.get(), 0);
  if (address == MAP_FAILED) {
    return system_error(path, "map", errno);
  }
  return MappedFile(static_cast<const std::byte*>(address), size);
}

MappedFile::MappedFile(MappedFile&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}

MappedFile& MappedFile::operator=(MappedFile&& other) noexcept {
  std::swap(data_, other.data_);
  std::swap(size_, other.size_);
  return *this;
}

MappedFile::~MappedFile() {
  if (data_ != nullptr) {
    ::munmap(const_cast<std::byte*>(data_), size_);  // NOLINT(cppcoreguidelines-pro-type-const-cast)
  }
}

}  // namespace facepipe
