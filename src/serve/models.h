// The networks of `facepipe serve` and the gallery that it follows.
#pragma once

#include <cstdint>
#include <memory>

#include "base/log.h"
#include "detect/detector.h"
#include "serve/serve.h"
#include "serve/service.h"
#include "stage/recognition/live_gallery.h"

namespace facepipe::serve {

// Opens the pack; loads the detector and, where there is recognition (ServeOptions::recognize_threads), the embedder
// and the gallery. Options and logger outlive it. The accessors: from start() on, thread-safe.
class Models final : public Service {
 public:
  Models(const ServeOptions& options, Logger& logger) : options_(options), logger_(logger) {}
  Status start() override;
  void request_stop() override;  // a batch that waits for the gallery waits no more
  [[nodiscard]] const detect::Detector& detector() const { return *detector_; }
  [[nodiscard]] stage::LiveGallery* gallery() { return gallery_.get(); }  // null without recognition
  [[nodiscard]] bool healthy() const { return !gallery_ || gallery_->healthy(); }

 private:
  const ServeOptions& options_;
  Logger& logger_;
  std::unique_ptr<const detect::Detector> detector_;
  std::unique_ptr<stage::LiveGallery> gallery_;
};

}  // namespace facepipe::serve
