// Loads what the two stages work with; every error names the file and the variable that it came from.
#pragma once

#include <filesystem>
#include <memory>

#include "base/result.h"
#include "config.h"
#include "detect/detector.h"
#include "embed/embedder.h"
#include "gallery/gallery.h"
#include "gallery_source.h"
#include "model/model_pack.h"
#include "recognize/recognizer.h"

namespace facepipe::lambda_app {

// FACEPIPE_PACK; else MODEL_PATH itself where that is a folder; else MODEL_PATH with the extension .pack
// (resnetV1.pack, which the image's build makes of resnetV1.pt); else the folder `pack` beside MODEL_PATH. kNotFound
// names all of them.
[[nodiscard]] Result<std::filesystem::path> find_pack(const Config& config);

[[nodiscard]] Result<std::unique_ptr<const detect::Detector>> load_detector(const Config& config);

// The embedder stays where it is in memory: the recogniser looks at it.
struct Recognition {
  model::Manifest manifest;
  std::unique_ptr<const embed::Embedder> embedder;
  recognize::FaceRecognizer recognizer;
};
[[nodiscard]] Result<Recognition> load_recognition(const Config& config, GallerySource& source);

// Another gallery takes the place of the one that is searched. kMismatch, and everything stays as it was, where the
// model cannot make embeddings comparable with it.
[[nodiscard]] Status replace_gallery(Recognition& recognition, gallery::Gallery gallery);

}  // namespace facepipe::lambda_app
