// Tested by tests/e2e and tests/lambda with whole packs.
#include "stage/recognition/recognition_model.h"

#include <memory>
#include <utility>

namespace facepipe::stage {

Result<RecognitionModel> RecognitionModel::load(const model::ModelPack& pack, const embed::EmbedderOptions& options) {
  FACEPIPE_ASSIGN(embed::Embedder loaded, embed::Embedder::load(pack, options));
  const auto embedder = std::make_shared<const embed::Embedder>(std::move(loaded));
  return RecognitionModel{pack.manifest(),
                          [embedder](std::span<const image::RgbView> crops, const model::Preprocessing& preprocessing) {
                            return embedder->embed(crops, preprocessing);
                          }};
}

Result<recognize::FaceRecognizer> RecognitionModel::with(gallery::Gallery gallery) const {
  return recognize::FaceRecognizer::create(embed, manifest, std::move(gallery));
}

}  // namespace facepipe::stage
