#include "server/live_gallery.h"

#include <utility>

namespace facepipe::server {

LiveGallery::LiveGallery(std::filesystem::path file, std::optional<SealingKey> key, nn::Manifest manifest,
                         const embed::Embedder& embedder, Logger& logger)
    : file_(std::move(file)),
      key_(std::move(key)),
      manifest_(std::move(manifest)),
      embedder_(embedder),
      logger_(logger) {}

Result<std::unique_ptr<LiveGallery>> LiveGallery::open(std::filesystem::path file, std::optional<SealingKey> key,
                                                       const nn::Manifest& manifest, const embed::Embedder& embedder,
                                                       Logger& logger) {
  std::unique_ptr<LiveGallery> live(new LiveGallery(std::move(file), std::move(key), manifest, embedder, logger));
  live->loaded_version_ = live->version_now();
  FACEPIPE_ASSIGN(recognize::FaceRecognizer recognizer, live->load());
  live->recognizer_ = std::make_shared<const recognize::FaceRecognizer>(std::move(recognizer));
  return live;
}

std::shared_ptr<const recognize::FaceRecognizer> LiveGallery::current() {
  const std::lock_guard lock(mutex_);
  const Version version = version_now();
  if (version != loaded_version_) {
    loaded_version_ = version;
    if (auto loaded = load()) {
      recognizer_ = std::make_shared<const recognize::FaceRecognizer>(std::move(loaded).value());
      logger_.info("gallery_loaded",
                   {{"people", static_cast<std::int64_t>(recognizer_->gallery().people().size())},
                    {"embeddings", static_cast<std::int64_t>(recognizer_->gallery().embedding_count())}});
    } else {
      logger_.error("gallery_not_loaded", {{"error", std::string_view(loaded.error().message)}});
    }
  }
  return recognizer_;
}

LiveGallery::Version LiveGallery::version_now() const {
  std::error_code ignored;  // an absent file has the default version
  Version version;
  version.modified = std::filesystem::last_write_time(file_, ignored);
  version.size = std::filesystem::file_size(file_, ignored);
  return version;
}

Result<recognize::FaceRecognizer> LiveGallery::load() const {
  auto loaded = gallery::load_either_gallery(file_, key_ ? &*key_ : nullptr);
  if (!loaded && loaded.error().code != ErrorCode::kNotFound) {
    return std::move(loaded).error();
  }
  if (loaded) {
    return recognize::FaceRecognizer::create(embedder_, manifest_, std::move(loaded).value());
  }
  gallery::Gallery empty({manifest_.model_id, manifest_.preprocessing, manifest_.embedding_size});
  empty.set_distance_threshold(manifest_.distance_threshold);
  return recognize::FaceRecognizer::create(embedder_, manifest_, std::move(empty));
}

}  // namespace facepipe::server
