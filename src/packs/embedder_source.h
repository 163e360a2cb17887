// From the file that `facepipe model build --embedder` is given to the graph that the pack will hold.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "base/result.h"
#include "model/model_pack.h"
#include "packs/onnx_graph.h"

namespace facepipe::packs {

struct EmbedderSource {
  OnnxGraph graph;
  std::string model_id;
  int embedding_size = 0;
  int min_input_px = 1;
  model::PackSource source;
};

// Told by content: ONNX, TensorFlow Lite, or weights of Inception-ResNet v1 (Keras .h5, torch.save, TorchScript).
// `embedding_size` where an ONNX file does not say it; given, it must be the file's (kMismatch). Errors name the file:
// those of the readers and of embedder_graph; kInvalidArgument for an input_px below what the network takes.
[[nodiscard]] Result<EmbedderSource> read_embedder(const std::filesystem::path& path,
                                                   const model::Preprocessing& preprocessing,
                                                   std::optional<int> embedding_size);

}  // namespace facepipe::packs
