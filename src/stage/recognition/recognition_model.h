// The network of a model pack, ready to be given a gallery.
#pragma once

#include <memory>
#include <optional>

#include "base/log.h"
#include "base/result.h"
#include "embed/embedder.h"
#include "gallery/gallery.h"
#include "model/model_pack.h"
#include "recognize/cut_faces.h"
#include "recognize/recognizer.h"

namespace facepipe::stage {

// Copies share the network.
struct RecognitionModel {
  model::Manifest manifest;
  std::shared_ptr<const embed::Embedder> embedder;
  std::shared_ptr<const recognize::CutFaceNetwork> cut_faces = {};  // null: the pack has none
  // The share of strangers who may get a name, in place of what galleries state.
  std::optional<double> strangers = {};

  // Errors of embed::load_embedder.
  [[nodiscard]] static Result<RecognitionModel> load(const model::ModelPack& pack,
                                                     const embed::EmbedderOptions& options = {});
  // One that names by `gallery`. Errors of FaceRecognizer::create, and of recognize::set_strangers.
  [[nodiscard]] Result<recognize::FaceRecognizer> with(gallery::Gallery gallery) const;
  // The same, with name_cut_faces().
  [[nodiscard]] Result<recognize::FaceRecognizer> with(gallery::Gallery gallery, recognize::LoadCompanion companion,
                                                       Logger& logger) const;
  // From now on cut faces by the pack's network for them and the companion. Why they are not is logged,
  // "cut_faces_by_the_first_network". The logger outlives the recogniser.
  void name_cut_faces(recognize::FaceRecognizer& recognizer, recognize::LoadCompanion companion, Logger& logger) const;
};

}  // namespace facepipe::stage
