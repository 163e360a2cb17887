// Tested by onnx_embedder_test.cc and tests/seam/seam_test.cc.
#include <utility>

#include "embed/embedder.h"
#include "embed/onnx_embedder.h"

namespace facepipe::embed {

const EmbedderKinds& embedder_kinds() {
  static const EmbedderKinds kinds("embedder", {{"onnx", &load_onnx_embedder}});
  return kinds;
}

std::vector<Embedding> without_norms(std::vector<MeasuredEmbedding> measured) {
  std::vector<Embedding> embeddings;
  embeddings.reserve(measured.size());
  for (MeasuredEmbedding& one : measured) {
    embeddings.push_back(std::move(one.embedding));
  }
  return embeddings;
}

Result<std::vector<Embedding>> Embedder::embed(std::span<const image::RgbView> crops,
                                               const model::Preprocessing& preprocessing) const {
  FACEPIPE_ASSIGN(std::vector<MeasuredEmbedding> measured, measure(crops, preprocessing));
  return without_norms(std::move(measured));
}

Result<std::unique_ptr<const Embedder>> load_embedder(const model::ModelPack& pack, const EmbedderOptions& options,
                                                      const EmbedderKinds& kinds) {
  FACEPIPE_ASSIGN(const LoadEmbedder load, kinds.find(pack.manifest().embedder_kind));
  return load(pack, options);
}

}  // namespace facepipe::embed
