// Tested end to end by tests/e2e.
#include "serve/services.h"

namespace facepipe::serve {

Status PeopleRoom::start() {
  people::CurrentRecognizer recognizer;
  if (models_.gallery() != nullptr) {
    recognizer = [&gallery = *models_.gallery()] { return gallery.current(); };
  }
  looker_.emplace(look::Looker::Parts{
      .detector = models_.detector(), .recognizer = recognizer, .decode = options_.frames.decode, .memory = &memory_});
  desk_.emplace(people::DeskParts{.gallery = people::GalleryFile(options_.gallery_file, options_.key),
                                  .manifest = models_.manifest(),
                                  .new_mode = std::nullopt,
                                  .strangers = std::nullopt,
                                  .detector = &models_.detector(),
                                  .recognizer = recognizer,
                                  .store = storage_.faces(),
                                  .visits = nullptr,
                                  .decode = options_.frames.decode,
                                  .memory = &memory_,
                                  .clock = nullptr});
  return desk_->reconcile();
}

std::optional<std::string> PeopleRoom::name_of(gallery::PersonId person) {
  if (models_.gallery() == nullptr) {
    return std::nullopt;
  }
  const auto recognizer = models_.gallery()->current();
  if (!recognizer) {
    return std::nullopt;
  }
  const gallery::Gallery& gallery = (*recognizer)->gallery();
  const auto found = gallery.find(person);
  return found ? std::optional(gallery.people()[*found].name) : std::nullopt;
}

}  // namespace facepipe::serve
