// A gallery that comes whole: made anew, or from a file. Tested by desk_rebuild_test.cc and desk_import_test.cc.
#include <filesystem>

#include "base/id.h"
#include "gallery/names.h"
#include "people/desk_work.h"

namespace facepipe::people {

// The successor first, then all that the store has of the change, with the word that the successor is the gallery: if
// it is cut short after that, complete() goes on.
Result<Changed> PeopleDesk::Work::replace(const gallery::KnownPeople& people, Decided decided, std::string_view who) {
  if (parts_.store == nullptr) {
    FACEPIPE_TRY(parts_.gallery.save(people));
    return Changed{};
  }
  const GalleryFile successor = parts_.gallery.successor(id_text(random_id()));
  FACEPIPE_TRY(successor.save(people));
  decided.note.final = true;
  decided.note.successor = successor.path().filename().native();
  const auto written = write(decided, who);
  if (!written) {
    parts_.gallery.remove_successors();
    return written.error();
  }
  FACEPIPE_TRY(parts_.gallery.succeed(successor.path().filename()));
  if (people.companion() == nullptr) {
    std::error_code error;  // left behind at worst: it is of another network
    std::filesystem::remove(gallery::companion_file(parts_.gallery.path()), error);
  }
  return Changed{.change = written->change, .undoable = false};
}

Result<Changed> PeopleDesk::import_gallery(gallery::Gallery gallery, std::string_view who) {
  for (const gallery::Person& person : gallery.people()) {
    FACEPIPE_TRY(gallery::check_new_name(person.name));
  }
  FACEPIPE_ASSIGN(const FileLock lock, work_->lock());
  const std::filesystem::path& file = work_->parts().gallery.path();
  std::error_code ignored;
  if (std::filesystem::exists(file, ignored)) {
    return Error{ErrorCode::kAlreadyExists, file.string() + " exists"};
  }
  Decided decided;
  decided.action = "people.import";
  decided.event = "people.imported";
  decided.more.emplace_back("people", std::to_string(gallery.people().size()));
  return work_->replace(gallery::KnownPeople(std::move(gallery)), std::move(decided), who);
}

}  // namespace facepipe::people
