// Tested by tests/e2e and tests/lambda with whole packs.
#include "stage/recognition/recognition_model.h"

#include <utility>

namespace facepipe::stage {

Result<RecognitionModel> RecognitionModel::load(const model::ModelPack& pack, const embed::EmbedderOptions& options) {
  FACEPIPE_ASSIGN(auto embedder, embed::load_embedder(pack, options));
  return RecognitionModel{pack.manifest(), std::move(embedder)};
}

Result<recognize::FaceRecognizer> RecognitionModel::with(gallery::Gallery gallery) const {
  if (strangers) {
    FACEPIPE_TRY(recognize::set_strangers(gallery, manifest, *strangers));
  }
  return recognize::FaceRecognizer::create(embedder, manifest, std::move(gallery));
}

}  // namespace facepipe::stage
