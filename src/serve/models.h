// The networks of a server, and its gallery.
#pragma once

#include <memory>

#include "detect/detector.h"
#include "model/model_pack.h"
#include "recognize/cut_faces.h"
#include "serve/ground.h"
#include "serve/service.h"
#include "stage/recognition/live_gallery.h"

namespace facepipe::serve {

// The networks, and the gallery that is followed: opens the pack; loads the detector and, where there is recognition
// (ServeOptions::recognize_threads), the embedder and the gallery. The accessors: from
// start() on, thread-safe.
class Models final : public Service {
 public:
  explicit Models(const Ground& ground) : ground_(ground) {}
  Status start() override;
  void request_stop() override;  // a batch that waits for the gallery waits no more
  [[nodiscard]] const detect::Detector& detector() const { return *detector_; }
  [[nodiscard]] const model::Manifest& manifest() const { return *manifest_; }
  [[nodiscard]] stage::LiveGallery* gallery() { return gallery_.get(); }  // null without recognition
  // Null without recognition, and for a pack without one.
  [[nodiscard]] const std::shared_ptr<const recognize::CutFaceNetwork>& cut_faces() const { return cut_faces_; }
  [[nodiscard]] bool healthy() const { return !gallery_ || gallery_->healthy(); }

 private:
  void add_metrics() const;

  const Ground& ground_;
  std::optional<model::Manifest> manifest_;
  std::unique_ptr<const detect::Detector> detector_;
  std::shared_ptr<const recognize::CutFaceNetwork> cut_faces_;
  std::unique_ptr<stage::LiveGallery> gallery_;
};

}  // namespace facepipe::serve
