// Tested by temporary_file_test.cc.
#include "base/temporary_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <set>

#include "base/file.h"
#include "base/process.h"

namespace facepipe {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kMark = ".fptmp-";
constexpr std::size_t kRandomCharacters = 6;  // mkostemp's
constexpr std::size_t kMaxStem = 240;         // with mark and characters within the 255 of a file name
// Listing a folder at each write into it must not make writing many files quadratic.
constexpr std::size_t kManyFiles = 1'000;

fs::path folder_of(const fs::path& file) {
  return file.has_parent_path() ? file.parent_path() : fs::path(".");
}

std::string stem_of(const fs::path& target) {
  return target.filename().native().substr(0, kMaxStem);
}

enum class CharacterKind { kUpper, kLower, kDigit, kOther };

CharacterKind kind_of(char c) {
  if (c >= 'A' && c <= 'Z') {
    return CharacterKind::kUpper;
  }
  if (c >= 'a' && c <= 'z') {
    return CharacterKind::kLower;
  }
  return c >= '0' && c <= '9' ? CharacterKind::kDigit : CharacterKind::kOther;
}

// Six letters and digits. `drawn`: and no user's word: the kind changes twice at least, so that neither "backup" nor
// "Backup", "sha256" or "202611" is taken for one (of those drawn by lot 7 of 100 are not taken either, and stay).
bool is_random(std::string_view text, bool drawn) {
  if (text.size() != kRandomCharacters) {
    return false;
  }
  int changes = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (kind_of(text[i]) == CharacterKind::kOther) {
      return false;
    }
    changes += static_cast<int>(i > 0 && kind_of(text[i]) != kind_of(text[i - 1]));
  }
  return !drawn || changes >= 2;
}

enum class NameKind { kForeign, kMarked, kUnmarked };

NameKind classify(std::string_view name, std::string_view target, std::string_view stem) {
  if (name.starts_with(stem) && name.substr(stem.size()).starts_with(kMark) &&
      is_random(name.substr(stem.size() + kMark.size()), false)) {
    return NameKind::kMarked;
  }
  if (name.starts_with(target) && name.size() > target.size() && name[target.size()] == '.' &&
      is_random(name.substr(target.size() + 1), true)) {
    return NameKind::kUnmarked;
  }
  return NameKind::kForeign;
}

// Nobody else has the file open: a write lease is granted in no other case. Where there are no leases, false.
bool is_closed_everywhere(int descriptor) {
  if (::fcntl(descriptor, F_SETLEASE, F_WRLCK) != 0) {
    return false;
  }
  return ::fcntl(descriptor, F_SETLEASE, F_UNLCK) == 0;
}

// The file of this name is a plain one of this user, and its writer is gone.
bool remove_if_dead(const fs::path& path, NameKind kind) {
  const Descriptor owner(::open(path.c_str(), O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  const int descriptor = owner.get();
  if (descriptor < 0) {
    return false;
  }
  struct stat opened{};
  struct stat named{};
  const bool plain = ::fstat(descriptor, &opened) == 0 && S_ISREG(opened.st_mode) && opened.st_uid == ::geteuid() &&
                     opened.st_nlink == 1;
  const bool dead = plain && ::flock(descriptor, LOCK_EX | LOCK_NB) == 0 &&
                    (kind == NameKind::kMarked || is_closed_everywhere(descriptor));
  // Its writer may have renamed it to the target after it was listed.
  const bool same =
      dead && ::lstat(path.c_str(), &named) == 0 && named.st_ino == opened.st_ino && named.st_dev == opened.st_dev;
  return same && ::unlink(path.c_str()) == 0;
}

// Folders that hold very many files, as this process saw.
class LargeFolders {
 public:
  bool contains(const fs::path& folder) {
    const std::lock_guard lock(mutex_);
    return folders_.contains(folder.native());
  }
  void add(const fs::path& folder) {
    const std::lock_guard lock(mutex_);
    folders_.insert(folder.native());
  }

 private:
  std::mutex mutex_;
  std::set<std::string> folders_;  // guarded by mutex_
};

LargeFolders& large_folders() {
  static LargeFolders folders;
  return folders;
}

// A locked temporary that is still there: between its making and its locking another writer may have taken it for dead.
Result<int> make_locked(const fs::path& target, std::string& name) {
  constexpr int kTries = 16;
  for (int i = 0; i < kTries; ++i) {
    name = (folder_of(target) / (stem_of(target) + std::string(kMark) + "XXXXXX")).native();
    const int descriptor = ::mkostemp(name.data(), O_CLOEXEC);
    if (descriptor < 0) {
      return file_error(target, "write", errno);
    }
    struct stat info{};
    if (::flock(descriptor, LOCK_EX | LOCK_NB) == 0 && ::fstat(descriptor, &info) == 0 && info.st_nlink == 1) {
      return descriptor;
    }
    ::unlink(name.c_str());
    ::close(descriptor);
  }
  return Error{ErrorCode::kUnavailable, "cannot write " + target.string() + ": its temporary files cannot be locked"};
}

// As rename, but never over a file that is there.
int rename_new(const fs::path& from, const fs::path& to) {
  if (::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) == 0) {
    return 0;
  }
  if (errno != EINVAL && errno != ENOSYS) {
    return errno;
  }
  if (::link(from.c_str(), to.c_str()) != 0) {  // a file system without the flag
    return errno;
  }
  return ::unlink(from.c_str()) == 0 ? 0 : errno;
}

}  // namespace

std::size_t remove_dead_temporaries(const std::filesystem::path& target) {
  const std::string name = target.filename().native();
  const std::string stem = stem_of(target);
  if (name.empty()) {
    return 0;
  }
  std::vector<std::pair<fs::path, NameKind>> found;
  std::size_t files = 0;
  std::error_code error;
  for (auto entry = fs::directory_iterator(folder_of(target), error); !error && entry != fs::end(entry);
       entry.increment(error)) {
    ++files;
    if (const NameKind kind = classify(entry->path().filename().native(), name, stem); kind != NameKind::kForeign) {
      found.emplace_back(entry->path(), kind);
    }
  }
  if (files > kManyFiles) {
    large_folders().add(folder_of(target));
  }
  return static_cast<std::size_t>(
      std::ranges::count_if(found, [](const auto& entry) { return remove_if_dead(entry.first, entry.second); }));
}

Status flush_folder(const std::filesystem::path& folder) {
  const fs::path named = folder.empty() ? fs::path(".") : folder;
  const Descriptor descriptor(::open(named.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  const bool flushed = descriptor.get() >= 0 && ::fsync(descriptor.get()) == 0;
  return flushed ? Status{} : file_error(named, "flush", errno);
}

Result<TemporaryFile> TemporaryFile::create(const std::filesystem::path& target) {
  // Of root's a device would be gone for every program; whoever reads a pipe would wait for ever.
  if (Status is_file = check_is_file(target); !is_file && is_file.error().code == ErrorCode::kInvalidArgument) {
    return std::move(is_file).error();
  }
  if (!large_folders().contains(folder_of(target))) {
    remove_dead_temporaries(target);
  }
  std::string name;
  FACEPIPE_ASSIGN(const int descriptor, make_locked(target, name));
  return TemporaryFile(target, std::move(name), descriptor);
}

TemporaryFile::TemporaryFile(TemporaryFile&& other) noexcept
    : target_(std::move(other.target_)),
      path_(std::exchange(other.path_, {})),
      descriptor_(std::exchange(other.descriptor_, -1)) {}

TemporaryFile::~TemporaryFile() {
  if (!path_.empty()) {
    ::unlink(path_.c_str());
  }
  if (descriptor_ >= 0) {
    ::close(descriptor_);
  }
}

Status TemporaryFile::write(ByteView content) {
  while (!content.empty()) {
    const ssize_t written = ::write(descriptor_, content.data(), content.size());
    if (written < 0) {
      if (errno == EINTR) {
        continue;
      }
      return file_error(target_, "write", errno);
    }
    content = content.subspan(static_cast<std::size_t>(written));
  }
  return {};
}

Status TemporaryFile::commit(unsigned mode, Existing existing) {
  if (::fchmod(descriptor_, mode) != 0 || ::fsync(descriptor_) != 0) {
    return file_error(target_, "write", errno);
  }
  // The lock is held past the rename: until then the file must not pass for a dead one.
  if (existing == Existing::kReplace) {
    if (::rename(path_.c_str(), target_.c_str()) != 0) {
      return file_error(target_, "write", errno);
    }
  } else if (const int failed = rename_new(path_, target_); failed != 0) {
    return failed == EEXIST ? Error{ErrorCode::kAlreadyExists, target_.string() + " exists: expected a new file"}
                            : file_error(target_, "write", failed);
  }
  path_.clear();
  return flush_folder(folder_of(target_));
}

}  // namespace facepipe
