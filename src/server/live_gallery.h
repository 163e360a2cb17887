// The gallery file of a running server, followed as the people commands change it.
#pragma once

#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>

#include "base/log.h"
#include "base/result.h"
#include "base/seal.h"
#include "embed/embedder.h"
#include "gallery/gallery.h"
#include "nn/model_pack.h"
#include "recognize/recognizer.h"

namespace facepipe::server {

// Thread-safe. The embedder and the logger outlive it.
class LiveGallery {
 public:
  // An absent file is an empty gallery in the pack's own mode; one whose name ends in .pt is the Python original's.
  // Errors as load_either_gallery, and kMismatch for a gallery that the pack's model did not make.
  // `key` opens an encrypted one.
  [[nodiscard]] static Result<std::unique_ptr<LiveGallery>> open(std::filesystem::path file,
                                                                 std::optional<SealingKey> key,
                                                                 const nn::Manifest& manifest,
                                                                 const embed::Embedder& embedder, Logger& logger);

  // The recogniser for the file as it is now. Shared on purpose: a batch under way keeps the one it began with when a
  // changed file replaces it. A file that turned bad is logged once and the last good gallery stays.
  [[nodiscard]] std::shared_ptr<const recognize::FaceRecognizer> current();

 private:
  struct Version {  // what tells one state of the file from another
    std::filesystem::file_time_type modified;
    std::uintmax_t size = 0;
    friend bool operator==(const Version&, const Version&) = default;
  };
  LiveGallery(std::filesystem::path file, std::optional<SealingKey> key, nn::Manifest manifest,
              const embed::Embedder& embedder, Logger& logger);
  [[nodiscard]] Version version_now() const;
  [[nodiscard]] Result<recognize::FaceRecognizer> load() const;

  const std::filesystem::path file_;
  const std::optional<SealingKey> key_;
  const nn::Manifest manifest_;
  const embed::Embedder& embedder_;
  Logger& logger_;
  std::mutex mutex_;
  Version loaded_version_;
  std::shared_ptr<const recognize::FaceRecognizer> recognizer_;
};

}  // namespace facepipe::server
