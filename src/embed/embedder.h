// Inception-ResNet v1 on ONNX Runtime: crops to embeddings.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "base/result.h"
#include "image/image.h"
#include "nn/model_pack.h"

namespace facepipe::embed {

using Embedding = std::vector<float>;  // [D], L2-normalised by the network

struct EmbedderOptions {
  int threads = 1;  // intra-op threads of one run
};

class Embedder {
 public:
  // Loads the pack's embedder. Errors name the file and the trouble; a runtime exception becomes kInvalidData.
  [[nodiscard]] static Result<Embedder> load(const nn::ModelPack& pack, const EmbedderOptions& options = {});
  Embedder(Embedder&&) noexcept;
  Embedder& operator=(Embedder&&) noexcept;
  ~Embedder();

  [[nodiscard]] int embedding_size() const;

  // One run for all crops: each a square RGB picture of preprocessing.input_px (kInvalidArgument otherwise, both sizes
  // named), already stretched where the mode stretches; normalisation happens here. [N,S,S,3] u8 -> [N,D]. No crops ->
  // no embeddings. Thread-safe.
  [[nodiscard]] Result<std::vector<Embedding>> embed(std::span<const image::RgbView> crops,
                                                     const nn::Preprocessing& preprocessing) const;

 private:
  struct State;
  explicit Embedder(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace facepipe::embed
