// Tested by tests/e2e/test_people.py, test_people_kept.py and test_mapped_gallery.py.
#include "people_file.h"

#include <utility>

#include "base/file_lock.h"
#include "command.h"
#include "gallery/export/torch_export.h"
#include "output.h"
#include "people_place.h"

namespace facepipe::app {

std::string counts(const gallery::Gallery& gallery) {
  return std::to_string(gallery.people().size()) + " people, " + std::to_string(gallery.embedding_count()) +
         " embeddings of " + std::to_string(gallery.origin().embedding_size);
}

Status rewrite_people(const GalleryOption& option, Rewrite how) {
  if (option.key.file.empty()) {
    return Error{ErrorCode::kInvalidArgument, "expected a key: --key-file FILE or FACEPIPE_KEY_FILE"};
  }
  FACEPIPE_ASSIGN(const people::GalleryFile file, gallery_file(option));
  FACEPIPE_ASSIGN(const FileLock lock, FileLock::acquire(file.path()));
  FACEPIPE_ASSIGN(const gallery::KnownPeople people, file.load_to_edit());
  return how == Rewrite::kDecrypt ? people::GalleryFile(file.path()).save(people) : file.save(people);
}

Status compact_people(const GalleryOption& option) {
  if (!option.key.file.empty()) {
    return Error{ErrorCode::kInvalidArgument, "an encrypted gallery is one whole file: nothing of it can be mapped"};
  }
  FACEPIPE_ASSIGN(const people::GalleryFile file, gallery_file(option));
  FACEPIPE_ASSIGN(const FileLock lock, FileLock::acquire(file.path()));
  FACEPIPE_ASSIGN(const gallery::KnownPeople people, file.load_to_edit());
  if (people.companion() != nullptr) {
    FACEPIPE_TRY(gallery::save_mapped_gallery(*people.companion(), gallery::companion_file(file.path())));
  }
  return gallery::save_mapped_gallery(people.gallery(), file.path());
}

Result<int> import_pt(const GalleryOption& option, const std::filesystem::path& file) {
  FACEPIPE_ASSIGN(gallery::Gallery read, gallery::import_torch_gallery(file));
  const std::string told = counts(read) + " (" + read.origin().preprocessing.mode + " mode)";
  const Status imported = import_gallery(option, std::move(read));
  if (!imported && imported.error().code == ErrorCode::kAlreadyExists) {
    return Error{ErrorCode::kAlreadyExists,
                 imported.error().message + ": import a .pt into a gallery of its own (--gallery FILE)"};
  }
  if (!imported) {
    return imported.error().code == ErrorCode::kInvalidArgument ? imported.error().with_context(file.string())
                                                                : imported.error();
  }
  print_line(told);
  return kExitSuccess;
}

Status export_pt(const GalleryOption& option, const std::filesystem::path& file) {
  FACEPIPE_ASSIGN(const gallery::Gallery loaded, option.load());
  return gallery::export_torch_gallery(loaded, file);
}

}  // namespace facepipe::app
