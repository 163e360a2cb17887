// A network on ONNX Runtime.
#pragma once

#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "base/result.h"
#include "embed/embedder.h"
#include "embed/graph_session.h"

namespace facepipe::embed {

class OnnxEmbedder final : public Embedder {
 public:
  // Loads the pack's embedder: the graph prepacked for this machine where the pack has one that gives the portable
  // graph's answer (0.03 s for the default weights, which stay in their file and are mapped), else the portable one
  // (0.3 s, 120 MB). Errors name the file and the trouble:
  // kInvalidData for what the runtime refuses or for a graph of another kind, kMismatch for another embedding size
  // than the manifest's, kInvalidArgument for the threads.
  [[nodiscard]] static Result<OnnxEmbedder> load(const model::ModelPack& pack, const EmbedderOptions& options = {});

  [[nodiscard]] bool prepacked() const { return prepacked_; }  // which of the two was loaded

  // In runs of at most 4 crops. kInvalidArgument for an input_px that the pack's network does not take, with its range.
  [[nodiscard]] Result<std::vector<MeasuredEmbedding>> measure(
      std::span<const image::RgbView> crops, const model::Preprocessing& preprocessing) const override;

 private:
  OnnxEmbedder(GraphSession session, const model::Manifest& manifest, bool prepacked);

  GraphSession session_;
  int embedding_size_;
  int min_input_px_;
  int max_input_px_;
  bool prepacked_;
};

}  // namespace facepipe::embed
