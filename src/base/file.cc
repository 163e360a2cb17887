// The writing side. Tested by file_test.cc.
#include "base/file.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>

#include <algorithm>
#include <system_error>

#include "base/process.h"
#include "base/temporary_file.h"
#include "base/text.h"

namespace facepipe {
namespace {

std::string_view kind_of(mode_t mode) {
  switch (mode & S_IFMT) {
    case S_IFDIR:
      return "a directory";
    case S_IFIFO:
      return "a named pipe";
    case S_IFCHR:
      return "a character device";
    case S_IFBLK:
      return "a block device";
    case S_IFSOCK:
      return "a socket";
    default:
      return "something else";
  }
}

Status expect_file(mode_t mode, const std::filesystem::path& path) {
  if (S_ISREG(mode)) {
    return {};
  }
  return Error{ErrorCode::kInvalidArgument,
               "expected a file, found " + std::string(kind_of(mode)) + ": " + path.string()};
}

struct OpenFile {
  Descriptor descriptor;
  FileVersion version;
};

// Looked at before it is opened, since opening a device can do something, and after, since it may be another by then.
// O_NONBLOCK: a pipe that took the file's place meanwhile keeps nobody waiting.
Result<OpenFile> open_file(const std::filesystem::path& path) {
  FACEPIPE_TRY(check_is_file(path));
  OpenFile file{Descriptor(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)), {}};
  struct stat status{};
  if (file.descriptor.get() < 0 || ::fstat(file.descriptor.get(), &status) != 0) {
    return file_error(path, "open", errno);
  }
  FACEPIPE_TRY(expect_file(status.st_mode, path));
  file.version = version_of(status);
  return file;
}

Error too_large(const std::filesystem::path& path, const std::string& size, std::size_t max_bytes) {
  return {ErrorCode::kTooLarge, path.string() + " has " + size + " bytes; the limit is " + std::to_string(max_bytes)};
}

// Up to `room` bytes, 0 at the end. Waits for a descriptor whose giver made it non-blocking.
Result<std::size_t> read_some(int fd, std::byte* into, std::size_t room, const std::filesystem::path& path) {
  while (true) {
    const ssize_t count = ::read(fd, into, room);
    if (count >= 0) {
      return static_cast<std::size_t>(count);
    }
    if (errno == EAGAIN || errno == EWOULDBLOCK) {
      pollfd ready{fd, POLLIN, 0};
      static_cast<void>(::poll(&ready, 1, -1));
    } else if (errno != EINTR) {
      return file_error(path, "read", errno);
    }
  }
}

// The descriptor that a path of the command line means: what the shell opened for this program.
std::optional<int> given_descriptor(const std::filesystem::path& path) {
  const std::string& text = path.native();
  if (text == "-" || text == "/dev/stdin") {
    return 0;
  }
  for (const std::string_view folder : {"/dev/fd/", "/proc/self/fd/"}) {
    if (text.starts_with(folder)) {
      const auto number = parse_number<int>(std::string_view(text).substr(folder.size()));
      return number && *number >= 0 ? number : std::nullopt;
    }
  }
  return std::nullopt;
}

// To the end of what comes; how much that is nobody knows before.
Result<Bytes> read_stream(int fd, const std::filesystem::path& path, std::size_t max_bytes) {
  constexpr std::size_t kChunk = std::size_t{64} << 10U;
  Bytes content;
  std::size_t done = 0;
  while (true) {
    if (done == content.size()) {
      content.resize(std::min(done + std::max(kChunk, done), max_bytes + 1));
    }
    FACEPIPE_ASSIGN(const std::size_t count, read_some(fd, content.data() + done, content.size() - done, path));
    done += count;
    if (done > max_bytes) {
      return too_large(path, "more than " + std::to_string(max_bytes), max_bytes);
    }
    if (count == 0) {
      content.resize(done);
      return content;
    }
  }
}

}  // namespace

Status write_file_atomically(const std::filesystem::path& path, ByteView content, bool private_file) {
  constexpr unsigned kPrivate = 0600;
  constexpr unsigned kReadable = 0644;
  FACEPIPE_ASSIGN(TemporaryFile file, TemporaryFile::create(path));
  FACEPIPE_TRY(file.write(content));
  return file.commit(private_file ? kPrivate : kReadable, TemporaryFile::Existing::kReplace);
}

Status check_is_file(const std::filesystem::path& path) {
  struct stat status{};
  if (::stat(path.c_str(), &status) != 0) {
    return file_error(path, "open", errno);
  }
  return expect_file(status.st_mode, path);
}

Result<FileContent> read_file_and_version(const std::filesystem::path& path, std::size_t max_bytes) {
  FACEPIPE_ASSIGN(const OpenFile file, open_file(path));
  const auto size = static_cast<std::size_t>(file.version.size);
  if (size > max_bytes) {
    return too_large(path, std::to_string(size), max_bytes);
  }
  FileContent read{Bytes(size), file.version};
  std::size_t done = 0;
  std::size_t count = 1;
  while (done < size && count > 0) {
    FACEPIPE_ASSIGN(count, read_some(file.descriptor.get(), read.bytes.data() + done, size - done, path));
    done += count;
  }
  struct stat status{};
  if (::fstat(file.descriptor.get(), &status) != 0) {
    return file_error(path, "read", errno);
  }
  const FileVersion after = version_of(status);
  if (done != size || after.size != file.version.size || after.modified_ns != file.version.modified_ns) {
    return Error{ErrorCode::kUnavailable, path.string() + " was changed while it was read: try again"};
  }
  return read;
}

Result<Bytes> read_file(const std::filesystem::path& path, std::size_t max_bytes) {
  FACEPIPE_ASSIGN(FileContent read, read_file_and_version(path, max_bytes));
  return std::move(read.bytes);
}

Status read_blocks(const std::filesystem::path& path, const std::function<void(ByteView)>& take) {
  constexpr std::size_t kBlock = std::size_t{256} << 10U;
  FACEPIPE_ASSIGN(const OpenFile file, open_file(path));
  Bytes block(kBlock);
  while (true) {
    FACEPIPE_ASSIGN(const std::size_t count, read_some(file.descriptor.get(), block.data(), kBlock, path));
    if (count == 0) {
      return {};
    }
    take(ByteView(block).first(count));
  }
}

std::filesystem::path whole_path(const std::filesystem::path& path) {
  std::error_code error;
  const std::filesystem::path absolute = std::filesystem::absolute(path, error);
  const std::filesystem::path folder =
      error ? std::filesystem::path() : std::filesystem::weakly_canonical(absolute.parent_path(), error);
  return error ? path : folder / absolute.filename();
}

Status make_private_folder(const std::filesystem::path& folder) {
  const std::filesystem::path own = folder.has_filename() ? folder : folder.parent_path();  // without a slash behind
  if (own.empty()) {
    return {};  // the working folder
  }
  std::error_code error;
  if (own.has_parent_path()) {
    std::filesystem::create_directories(own.parent_path(), error);
  }
  constexpr mode_t kOwnerAlone = S_IRWXU;
  if (!error && ::mkdir(own.c_str(), kOwnerAlone) != 0) {
    const int reason = errno;
    std::error_code unknown;
    if (!std::filesystem::is_directory(own, unknown)) {
      error = std::error_code(reason, std::generic_category());
    }
  }
  if (error) {
    return Error{ErrorCode::kPermission, "cannot make the folder " + folder.string() + ": " + error.message()};
  }
  return {};
}

bool is_given_stream(const std::filesystem::path& path) {
  return given_descriptor(path).has_value();
}

Result<Bytes> read_input(const std::filesystem::path& path, std::size_t max_bytes) {
  const auto given = given_descriptor(path);
  if (!given) {
    return read_file(path, max_bytes);
  }
  struct stat status{};
  if (::fstat(*given, &status) != 0) {
    return file_error(path, "read", errno);
  }
  if (S_ISDIR(status.st_mode) || S_ISBLK(status.st_mode)) {
    return expect_file(status.st_mode, path).error();
  }
  return read_stream(*given, path, max_bytes);
}

Result<MappedFile> MappedFile::open(const std::filesystem::path& path) {
  FACEPIPE_ASSIGN(const OpenFile file, open_file(path));
  const auto size = static_cast<std::size_t>(file.version.size);
  if (size == 0) {
    return MappedFile(nullptr, 0);
  }
  void* address = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file.descriptor.get(), 0);
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

bool FileVersion::known() const {
  return error == 0 || error == ENOENT;
}

FileVersion version_of(const struct stat& status) {
  constexpr std::int64_t kNanoseconds = 1'000'000'000;
  return {.error = 0,
          .device = status.st_dev,
          .inode = status.st_ino,
          .size = static_cast<std::uint64_t>(status.st_size),
          .mode = status.st_mode,
          .owner = status.st_uid,
          .group = status.st_gid,
          .modified_ns = status.st_mtim.tv_sec * kNanoseconds + status.st_mtim.tv_nsec,
          .changed_ns = status.st_ctim.tv_sec * kNanoseconds + status.st_ctim.tv_nsec};
}

FileVersion version_of(const std::filesystem::path& path) {
  struct stat status{};
  if (::stat(path.c_str(), &status) != 0) {
    FileVersion none;
    none.error = errno;
    return none;
  }
  return version_of(status);
}

}  // namespace facepipe
