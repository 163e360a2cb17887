// Tested by gallery_file_test.cc.
#include "people/gallery_file.h"

#include <system_error>
#include <utility>
#include <vector>

#include "base/file.h"
#include "base/file_lock.h"
#include "base/temporary_file.h"

namespace facepipe::people {
namespace {

constexpr std::string_view kSuccessor = ".next-";

bool is_successor(const std::filesystem::path& name, const std::filesystem::path& file) {
  return !name.has_parent_path() && name.native().starts_with(file.filename().native() + std::string(kSuccessor));
}

Status rename_if_there(const std::filesystem::path& from, const std::filesystem::path& to) {
  std::error_code error;
  std::filesystem::rename(from, to, error);
  return error && error != std::errc::no_such_file_or_directory ? Status(file_error(to, "replace", error.value()))
                                                                : Status();
}

}  // namespace

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

GalleryFile GalleryFile::successor(std::string_view id) const {
  return GalleryFile(file_.native() + std::string(kSuccessor) + std::string(id), key_);
}

Status GalleryFile::succeed(const std::filesystem::path& name) const {
  if (!is_successor(name, file_)) {
    return Error{ErrorCode::kInvalidData,
                 "expected a successor of " + file_.string() + ", found \"" + name.string() + "\""};
  }
  const std::filesystem::path successor = file_.parent_path() / name;
  FACEPIPE_TRY(rename_if_there(gallery::companion_file(successor), gallery::companion_file(file_)));
  FACEPIPE_TRY(rename_if_there(successor, file_));
  return flush_folder(file_.parent_path());
}

void GalleryFile::remove_successors() const {
  std::error_code error;
  std::vector<std::filesystem::path> found;
  for (auto entry = std::filesystem::directory_iterator(file_.parent_path(), error);
       !error && entry != std::filesystem::end(entry); entry.increment(error)) {
    if (is_successor(entry->path().filename(), file_)) {
      found.push_back(entry->path());
    }
  }
  for (const std::filesystem::path& successor : found) {
    std::filesystem::remove(successor, error);
  }
}

Status GalleryFile::edit(const std::function<Status(gallery::KnownPeople&)>& change) const {
  FACEPIPE_ASSIGN(const FileLock lock, FileLock::acquire(file_));
  FACEPIPE_ASSIGN(gallery::KnownPeople people, load_to_edit());
  FACEPIPE_TRY(change(people));
  return save(people);
}

}  // namespace facepipe::people
