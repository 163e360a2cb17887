// Tested by live_gallery_test.cc, and by tests/e2e with the programs.
#include "stage/recognition/live_gallery.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "gallery/known_people.h"

namespace facepipe::stage {
namespace {

using Live = LiveFile<recognize::FaceRecognizer>;
using std::chrono::milliseconds;

constexpr milliseconds kWaitStep{100};  // of one who waits for the file; as LiveFile's shortest pause

Result<recognize::FaceRecognizer> load_recognizer(const std::filesystem::path& file,
                                                  const std::optional<SealingKey>& key, const RecognitionModel& model,
                                                  LiveGallery::Absent absent, Logger& logger,
                                                  gallery::KnownTables& known) {
  auto loaded = gallery::load_either_gallery(file, key ? &*key : nullptr, known);
  if (!loaded && (loaded.error().code != ErrorCode::kNotFound || absent == LiveGallery::Absent::kError)) {
    return std::move(loaded).error();
  }
  if (loaded) {
    const auto companion = [file = gallery::companion_file(file), key] {
      return gallery::load_gallery(file, key ? &*key : nullptr);
    };
    return model.with(std::move(loaded).value(), companion, logger);
  }
  const model::Manifest& manifest = model.manifest;
  gallery::Gallery empty({manifest.model_id, manifest.preprocessing, manifest.embedding_size});
  empty.set_distance_threshold(manifest.distance_threshold);
  return model.with(std::move(empty));
}

}  // namespace

Result<std::unique_ptr<LiveGallery>> LiveGallery::open(const std::filesystem::path& file, std::optional<SealingKey> key,
                                                       RecognitionModel model, Absent absent, Logger& logger) {
  // LiveFile loads in one thread at a time.
  const auto known = std::make_shared<gallery::KnownTables>();
  return open(
      file,
      [file, key = std::move(key), model = std::move(model), absent, &logger, known] {
        return load_recognizer(file, key, model, absent, logger, *known);
      },
      kOutdatedGalleryGrace, kLookAtGalleryEvery, logger);
}

Result<std::unique_ptr<LiveGallery>> LiveGallery::open(const std::filesystem::path& file, Load load, milliseconds grace,
                                                       milliseconds look_every, Logger& logger) {
  std::unique_ptr<LiveGallery> live(new LiveGallery(grace, look_every, logger));
  Live::Events events;
  events.loaded = [self = live.get()](const recognize::FaceRecognizer& recognizer) {
    self->healthy_ = true;
    self->note(recognizer);
  };
  events.failed = [self = live.get()](const Error& error) {
    self->healthy_ = false;
    ++self->failures_;
    self->logger_.error("gallery_not_loaded",
                        {{"error", std::string_view(error.message)},
                         {"names_by_the_last_good_one_ms", static_cast<std::int64_t>(self->grace_.count())}});
  };
  FACEPIPE_ASSIGN(live->file_, Live::open(file, std::move(load), std::move(events)));
  live->watcher_ = std::thread([self = live.get()] { self->watch(); });
  return live;
}

void LiveGallery::note(const recognize::FaceRecognizer& recognizer) {
  constexpr double kMillion = 1e6;
  const std::optional<float> threshold = recognizer.threshold();
  people_ = static_cast<std::int64_t>(recognizer.gallery().people().size());
  threshold_millionths_ = threshold ? std::llround(double{std::min(*threshold, 1e6F)} * kMillion) : -1;
  logger_.info("gallery_loaded", {{"people", people_.load()},
                                  {"embeddings", static_cast<std::int64_t>(recognizer.gallery().embedding_count())},
                                  {"threshold", threshold ? double{*threshold} : -1.0}});
}

LiveGallery::~LiveGallery() {
  stop();
  if (watcher_.joinable()) {
    watcher_.join();
  }
}

void LiveGallery::watch() {
  while (!pause(look_every_)) {
    static_cast<void>(file_->look(Live::Meanwhile::kGoOn));
  }
}

Result<std::shared_ptr<const recognize::FaceRecognizer>> LiveGallery::current() {
  return recognizer(Live::Meanwhile::kGoOn);
}

Result<std::shared_ptr<const recognize::FaceRecognizer>> LiveGallery::newest() {
  return recognizer(Live::Meanwhile::kWait);
}

Result<std::shared_ptr<const recognize::FaceRecognizer>> LiveGallery::recognizer(Live::Meanwhile meanwhile) {
  while (true) {
    const Live::Look look = file_->look(meanwhile);
    if (!look.outdated_since || std::chrono::steady_clock::now() - *look.outdated_since < grace_) {
      return look.value;
    }
    if (pause(kWaitStep)) {
      return Error{ErrorCode::kUnavailable, "stopped while the changed gallery could not be loaded"};
    }
  }
}

bool LiveGallery::pause(milliseconds time) {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, time, [this] { return stopped_; });
}

void LiveGallery::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
  }
  changed_.notify_all();
}

}  // namespace facepipe::stage
