// Tested by onnx_embedder_test.cc and tests/seam/seam_test.cc.
#include "embed/embedder.h"
#include "embed/onnx_embedder.h"

namespace facepipe::embed {

const EmbedderKinds& embedder_kinds() {
  static const EmbedderKinds kinds("embedder", {{"onnx", &load_onnx_embedder}});
  return kinds;
}

Result<std::unique_ptr<const Embedder>> load_embedder(const model::ModelPack& pack, const EmbedderOptions& options,
                                                      const EmbedderKinds& kinds) {
  FACEPIPE_ASSIGN(const LoadEmbedder load, kinds.find(pack.manifest().embedder_kind));
  return load(pack, options);
}

}  // namespace facepipe::embed
