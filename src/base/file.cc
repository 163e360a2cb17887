// Tested by file_test.cc.
#include "base/file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <utility>

#include "base/system_error.h"
#include "base/temporary_file.h"

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

// Opens a regular file for reading and returns its size with it.
Result<std::size_t> regular_file_size(int fd, const std::filesystem::path& path) {
  struct stat info{};
  if (::fstat(fd, &info) != 0) {
    return file_error(path, "read", errno);
  }
  if (!S_ISREG(info.st_mode)) {
    return Error{ErrorCode::kInvalidArgument, "expected a file, found something else: " + path.string()};
  }
  return static_cast<std::size_t>(info.st_size);
}

}  // namespace

Result<Bytes> read_file(const std::filesystem::path& path, std::size_t max_bytes) {
  Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.get() < 0) {
    return file_error(path, "open", errno);
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
      return file_error(path, "read", errno);
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
  constexpr unsigned kPrivate = 0600;
  constexpr unsigned kReadable = 0644;
  FACEPIPE_ASSIGN(TemporaryFile file, TemporaryFile::create(path));
  FACEPIPE_TRY(file.write(content));
  return file.commit(private_file ? kPrivate : kReadable, TemporaryFile::Existing::kReplace);
}

Result<MappedFile> MappedFile::open(const std::filesystem::path& path) {
  Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.get() < 0) {
    return file_error(path, "open", errno);
  }
  FACEPIPE_ASSIGN(const std::size_t size, regular_file_size(file.get(), path));
  if (size == 0) {
    return MappedFile(nullptr, 0);
  }
  void* address = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file.get(), 0);
  if (address == MAP_FAILED) {
    return file_error(path, "map", errno);
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
