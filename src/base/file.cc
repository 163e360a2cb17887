// The writing side. Tested by file_test.cc.
#include "base/file.h"

#include <utility>

#include "base/temporary_file.h"

namespace facepipe {

Status write_file_atomically(const std::filesystem::path& path, ByteView content, bool private_file) {
  constexpr unsigned kPrivate = 0600;
  constexpr unsigned kReadable = 0644;
  FACEPIPE_ASSIGN(TemporaryFile file, TemporaryFile::create(path));
  FACEPIPE_TRY(file.write(content));
  return file.commit(private_file ? kPrivate : kReadable, TemporaryFile::Existing::kReplace);
}

}  // namespace facepipe
