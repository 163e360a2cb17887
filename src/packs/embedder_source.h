// From the file that `facepipe model build --embedder` is given to the graph that the pack will hold.
#pragma once

#include <string>

#include "base/result.h"
#include "model/model_pack.h"
#include "packs/onnx_graph.h"
#include "packs/pack_builder.h"

namespace facepipe::packs {

struct EmbedderSource {
  OnnxGraph graph;
  std::string model_id;
  int embedding_size = 0;
  int min_input_px = 1;
  model::PackSource source;
};

// Of recipe.embedder, told by its content: ONNX, TensorFlow Lite, or weights of Inception-ResNet v1 (Keras .h5,
// torch.save, TorchScript). Errors name the file: those of the readers and of embedder_graph; kMismatch for another
// network, digest or embedding size than the recipe's, both named; kInvalidArgument for an input_px below what the
// network takes.
[[nodiscard]] Result<EmbedderSource> read_embedder(const PackRecipe& recipe);

}  // namespace facepipe::packs
