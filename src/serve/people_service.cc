// Tested end to end by tests/e2e.
#include "serve/people_service.h"

namespace facepipe::serve {
namespace {

constexpr std::chrono::hours kTidyEvery{1};

}  // namespace

Status PeopleService::start() {
  people::CurrentRecognizer recognizer;
  if (stage::LiveGallery* const gallery = models_.gallery(); gallery != nullptr) {
    recognizer = [gallery] { return gallery->newest(); };
  }
  people::DeskParts parts{.gallery = people::GalleryFile(options_.gallery_file, options_.key),
                          .manifest = models_.manifest(),
                          .new_mode = {},
                          .strangers = {},
                          .detector = &models_.detector(),
                          .recognizer = recognizer,
                          .store = storage_.faces(),
                          .visits = visits_ ? visits_() : nullptr,
                          .decode = options_.frames.decode,
                          .memory = &memory_,
                          .clock = nullptr};
  desk_.emplace(std::move(parts));
  looker_.emplace(look::Looker::Parts{
      .detector = models_.detector(), .recognizer = recognizer, .decode = options_.frames.decode, .memory = &memory_});
  FACEPIPE_TRY(desk_->reconcile());
  if (storage_.faces() != nullptr) {
    tidying_ = std::thread([this] { tidy(); });
  }
  return {};
}

void PeopleService::tidy() {
  std::unique_lock lock(mutex_);
  while (!stopped_) {
    lock.unlock();
    if (const auto done = desk_->tidy(); !done) {
      logger_.warning("pictures_not_tidied", {{"error", std::string_view(done.error().message)}});
    } else if (*done > 0) {
      logger_.info("pictures_dropped", {{"pictures", static_cast<std::int64_t>(*done)}});
    }
    lock.lock();
    changed_.wait_for(lock, kTidyEvery, [this] { return stopped_; });
  }
}

void PeopleService::end() {
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
