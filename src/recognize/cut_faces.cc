// Tested by cut_faces_test.cc and tests/e2e/test_cut_faces.py.
#include "recognize/cut_faces.h"

#include <optional>
#include <utility>

#include "gallery/known_people.h"

namespace facepipe::recognize {
namespace {

Result<FaceRecognizer> recognizer_of(const gallery::Gallery& people, const CutFaceNetwork& network,
                                     gallery::Gallery companion) {
  if (!gallery::agree(people, companion)) {
    return Error{ErrorCode::kMismatch,
                 "the gallery's companion for cut faces has not the same people and pictures as the gallery"};
  }
  FACEPIPE_TRY(companion.set_strangers(people.strangers()));
  FACEPIPE_TRY(companion.set_min_quality(people.min_quality()));
  FACEPIPE_ASSIGN(auto embedder, network.embedder());
  FACEPIPE_ASSIGN(FaceRecognizer recognizer,
                  FaceRecognizer::create(std::move(embedder), network.manifest(), std::move(companion)));
  if (!recognizer.rule()) {
    return Error{ErrorCode::kUnsupported, "the pack's network for cut faces has no decision"};
  }
  return recognizer;
}

}  // namespace

std::shared_ptr<const CutFaceNetwork> CutFaceNetwork::of(const model::ModelPack& pack,
                                                         const embed::EmbedderOptions& options) {
  auto second = pack.cut_faces();
  return second ? std::make_shared<const CutFaceNetwork>(*std::move(second), options) : nullptr;
}

Result<std::shared_ptr<const embed::Embedder>> CutFaceNetwork::embedder() const {
  const std::lock_guard lock(mutex_);
  if (embedder_ == nullptr) {
    FACEPIPE_ASSIGN(auto loaded, embed::load_embedder(pack_, options_));
    embedder_ = std::move(loaded);
  }
  return embedder_;
}

Result<std::shared_ptr<const FaceRecognizer>> CutFaceNetwork::without_people() const {
  FACEPIPE_ASSIGN(auto loaded, embedder());
  FACEPIPE_ASSIGN(FaceRecognizer recognizer, FaceRecognizer::create(std::move(loaded), manifest(),
                                                                    new_gallery(manifest(), manifest().preprocessing)));
  return std::make_shared<const FaceRecognizer>(std::move(recognizer));
}

void name_cut_faces(FaceRecognizer& recognizer, std::shared_ptr<const CutFaceNetwork> network, LoadCompanion companion,
                    std::function<void(const Error&)> failed) {
  if (network == nullptr || !recognizer.rule()) {
    return;
  }
  recognizer.set_for_cut_faces([network = std::move(network), load = std::move(companion),
                                failed = std::move(failed)](const gallery::Gallery& people) {
    auto loaded = load();
    if (!loaded && loaded.error().code == ErrorCode::kNotFound) {
      return std::optional<FaceRecognizer>();
    }
    auto made = loaded ? recognizer_of(people, *network, *std::move(loaded)) : std::move(loaded).error();
    if (!made) {
      failed(made.error());
      return std::optional<FaceRecognizer>();
    }
    return std::optional(*std::move(made));
  });
}

}  // namespace facepipe::recognize
