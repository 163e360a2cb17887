// Tested end to end by tests/e2e.
#include "serve/people_room.h"

namespace facepipe::serve {
namespace {

constexpr std::chrono::hours kTidyEvery{1};

}  // namespace

Status PeopleRoom::start() {
  people::CurrentRecognizer recognizer;
  people::CurrentRecognizer cut_faces;
  if (const auto& network = models_.cut_faces()) {
    cut_faces = [network] { return network->without_people(); };
  }
  if (models_.gallery() != nullptr) {
    recognizer = [&gallery = *models_.gallery()] { return gallery.newest(); };
  }
  if (recognition_.keeper() != nullptr) {
    visits_.emplace(*recognition_.keeper());
  }
  looker_.emplace(look::Looker::Parts{.detector = models_.detector(),
                                      .recognizer = recognizer,
                                      .decode = ground_.options.frames.decode,
                                      .memory = &ground_.memory});
  desk_.emplace(people::DeskParts{.gallery = people::GalleryFile(ground_.options.gallery_file, ground_.options.key),
                                  .manifest = models_.manifest(),
                                  .detector = &models_.detector(),
                                  .recognizer = recognizer,
                                  .cut_faces = cut_faces,
                                  .store = storage_.faces(),
                                  .visits = visits_ ? &*visits_ : nullptr,
                                  .decode = ground_.options.frames.decode,
                                  .memory = &ground_.memory});
  FACEPIPE_TRY(desk_->reconcile());
  if (storage_.faces() != nullptr) {
    tidying_ = std::thread([this] { tidy(); });
  }
  return {};
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

void PeopleRoom::tidy() {
  std::unique_lock lock(mutex_);
  while (!stopped_) {
    lock.unlock();
    if (const auto done = desk_->tidy(); !done) {
      ground_.logger.warning("pictures_not_tidied", {{"error", std::string_view(done.error().message)}});
    } else if (*done > 0) {
      ground_.logger.info("pictures_dropped", {{"pictures", static_cast<std::int64_t>(*done)}});
    }
    lock.lock();
    changed_.wait_for(lock, kTidyEvery, [this] { return stopped_; });
  }
}

void PeopleRoom::end() {
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
  }
  changed_.notify_all();
  if (tidying_.joinable()) {
    tidying_.join();
  }
}

}  // namespace facepipe::serve
