// Tested by gallery_file_test.cc.
#include "people/gallery_file.h"

#include <system_error>
#include <utility>

#include "base/file.h"
#include "base/file_lock.h"

namespace facepipe::people {

Result<gallery::Gallery> GalleryFile::load() const {
  return gallery::load_gallery(file_, key_ ? &*key_ : nullptr);
}

Result<gallery::KnownPeople> GalleryFile::load_to_edit() const {
  return gallery::load_people(file_, key_ ? &*key_ : nullptr);
}

Status GalleryFile::save(const gallery::KnownPeople& people) const {
  return gallery::save_people(people, file_, key_ ? &*key_ : nullptr);
}

std::string GalleryFile::state() const {
  const FileVersion version = version_of(file_);
  return version.error != 0 ? "none"
                            : std::to_string(version.inode) + ":" + std::to_string(version.size) + ":" +
                                  std::to_string(version.modified_ns);
}

Status GalleryFile::edit(const Change& change, const Make& make) const {
  std::error_code ignored;  // a folder that cannot be made fails at the lock, with its name
  if (make) {
    std::filesystem::create_directories(file_.parent_path(), ignored);
  }
  FACEPIPE_ASSIGN(const FileLock lock, FileLock::acquire(file_));
  auto loaded = load_to_edit();
  if (!loaded && loaded.error().code == ErrorCode::kNotFound && make) {
    FACEPIPE_ASSIGN(gallery::Gallery made, make());
    loaded = gallery::KnownPeople(std::move(made));
  }
  if (!loaded) {
    return std::move(loaded).error();
  }
  FACEPIPE_TRY(change(*loaded));
  return save(*loaded);
}

}  // namespace facepipe::people
