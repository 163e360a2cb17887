// Tested by tests/e2e and tests/lambda with whole packs.
#include "stage/recognition/recognition_model.h"

#include <utility>

namespace facepipe::stage {

Result<RecognitionModel> RecognitionModel::load(const model::ModelPack& pack, const embed::EmbedderOptions& options) {
  FACEPIPE_ASSIGN(auto embedder, embed::load_embedder(pack, options));
  return RecognitionModel{pack.manifest(), std::move(embedder), recognize::CutFaceNetwork::of(pack, options)};
}

Result<recognize::FaceRecognizer> RecognitionModel::with(gallery::Gallery gallery) const {
  if (strangers) {
    FACEPIPE_TRY(recognize::set_strangers(gallery, manifest, *strangers));
  }
  return recognize::FaceRecognizer::create(embedder, manifest, std::move(gallery));
}

Result<recognize::FaceRecognizer> RecognitionModel::with(gallery::Gallery gallery, recognize::LoadCompanion companion,
                                                         Logger& logger) const {
  FACEPIPE_ASSIGN(recognize::FaceRecognizer recognizer, with(std::move(gallery)));
  name_cut_faces(recognizer, std::move(companion), logger);
  return recognizer;
}

void RecognitionModel::name_cut_faces(recognize::FaceRecognizer& recognizer, recognize::LoadCompanion companion,
                                      Logger& logger) const {
  recognize::name_cut_faces(recognizer, cut_faces, std::move(companion), [&logger](const Error& error) {
    logger.warning("cut_faces_by_the_first_network", {{"error", std::string_view(error.message)}});
  });
}

}  // namespace facepipe::stage
