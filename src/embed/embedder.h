// Inception-ResNet v1 on ONNX Runtime: crops to embeddings.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "base/result.h"
#include "image/image.h"
#include "model/model_pack.h"

namespace facepipe::embed {

using Embedding = std::vector<float>;  // [D], L2-normalised by the network

// Below this side Inception-ResNet v1's valid convolutions leave nothing to pool.
inline constexpr int kMinInputPx = 75;

struct EmbedderOptions {
  int threads = 1;        // of one run, 1..256; waiting ones sleep
  bool portable = false;  // do not use a prepacked graph
};

class Embedder {
 public:
  // Loads the pack's embedder: the graph prepacked for this machine where the pack has one that gives the portable
  // graph's answer (0.03 s for the default weights, which stay in their file and are mapped), else the portable one
  // (0.3 s, 120 MB). Errors name the file and the trouble:
  // kInvalidData for what the runtime refuses or for a graph of another kind, kMismatch for another embedding size
  // than the manifest's, kInvalidArgument for the threads.
  [[nodiscard]] static Result<Embedder> load(const model::ModelPack& pack, const EmbedderOptions& options = {});
  Embedder(Embedder&&) noexcept;
  Embedder& operator=(Embedder&&) noexcept;
  ~Embedder();

  [[nodiscard]] int embedding_size() const;
  [[nodiscard]] bool prepacked() const;  // which of the two was loaded

  // [N,S,S,3] uint8 -> N embeddings of [D], in runs of at most 4 crops, so that memory does not grow with N. Each crop
  // is a square RGB picture of preprocessing.input_px (kInvalidArgument otherwise, both sizes named), already stretched
  // where the mode stretches; normalisation happens here. input_px from 75 to 2048. No crops -> no embeddings.
  // Thread-safe.
  [[nodiscard]] Result<std::vector<Embedding>> embed(std::span<const image::RgbView> crops,
                                                     const model::Preprocessing& preprocessing) const;

 private:
  struct State;
  explicit Embedder(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace facepipe::embed
