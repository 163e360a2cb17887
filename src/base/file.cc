// The writing side. Tested by file_test.cc.
#include "base/file.h"

#include <sys/stat.h>

#include <string>
#include <utility>

#include "base/temporary_file.h"

namespace facepipe {

Status write_file_atomically(const std::filesystem::path& path, ByteView content, bool private_file) {
  // A device or a pipe would be replaced by a file, not written to.
  struct stat there{};
  if (::stat(path.c_str(), &there) == 0 && !S_ISREG(there.st_mode)) {
    return Error{ErrorCode::kInvalidArgument, "expected a file to write, found something else: " + path.string()};
  }
  constexpr unsigned kPrivate = 0600;
  constexpr unsigned kReadable = 0644;
  FACEPIPE_ASSIGN(TemporaryFile file, TemporaryFile::create(path));
  FACEPIPE_TRY(file.write(content));
  return file.commit(private_file ? kPrivate : kReadable, TemporaryFile::Existing::kReplace);
}

}  // namespace facepipe
