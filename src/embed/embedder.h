// The port to whatever turns pictures of faces into embeddings: a kind of embedder is a file of its own
// (onnx_embedder.h) and is registered once, in embedder_kinds().
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "base/result.h"
#include "image/image.h"
#include "model/kinds.h"
#include "model/model_pack.h"

namespace facepipe::embed {

using Embedding = std::vector<float>;  // [D], of L2 norm 1

// A network's output is divided by its length, or by this if that is shorter (torch.nn.functional.normalize).
inline constexpr float kSmallestLength = 1e-12F;
// L2, in double precision.
[[nodiscard]] double length_of(std::span<const float> values);
// Does no value of the two differ by more than `tolerance`? A NaN is near nothing, nor is a list of another size.
[[nodiscard]] bool are_near(std::span<const float> a, std::span<const float> b, double tolerance);

// With the length that the network's output had before it was brought to 1 (model/norm_limits.h); absent where the
// network does not tell it.
struct MeasuredEmbedding {
  Embedding embedding;
  std::optional<float> norm;
};
// The embeddings alone, in order.
[[nodiscard]] std::vector<Embedding> without_norms(std::vector<MeasuredEmbedding> measured);

struct EmbedderOptions {
  int threads = 1;        // of one run, 1..256; waiting ones sleep
  bool portable = false;  // of a graph, the one that every machine runs
};
// kInvalidArgument for threads past the range.
[[nodiscard]] Status check_threads(const EmbedderOptions& options);

class Embedder {
 public:
  virtual ~Embedder() = default;

  // [N,S,S,3] uint8 -> N embeddings of [D]. Each crop is a square RGB picture of preprocessing.input_px
  // (kInvalidArgument otherwise, both sizes named), aligned (alignment.h) and already stretched where the mode
  // stretches; order of colours and normalisation happen here. Memory does not grow with N but for the answer. No crops
  // -> no embeddings. Thread-safe.
  [[nodiscard]] virtual Result<std::vector<MeasuredEmbedding>> measure(
      std::span<const image::RgbView> crops, const model::Preprocessing& preprocessing) const = 0;
  // The same, without norms.
  [[nodiscard]] Result<std::vector<Embedding>> embed(std::span<const image::RgbView> crops,
                                                     const model::Preprocessing& preprocessing) const;
};

// The embedder of a pack. Errors name the pack's file, or the option and its range.
using LoadEmbedder = std::function<Result<std::unique_ptr<const Embedder>>(const model::ModelPack& pack,
                                                                           const EmbedderOptions& options)>;
using EmbedderKinds = model::Kinds<LoadEmbedder>;

// The one place where they are registered: "onnx", a graph, which is run as layers where the pack has it so
// (layer_embedder.h), else by ONNX Runtime (onnx_embedder.h).
[[nodiscard]] const EmbedderKinds& embedder_kinds();

// Of the kind that the pack names; kUnsupported names it, the errors of the kind.
[[nodiscard]] Result<std::unique_ptr<const Embedder>> load_embedder(const model::ModelPack& pack,
                                                                    const EmbedderOptions& options = {},
                                                                    const EmbedderKinds& kinds = embedder_kinds());

}  // namespace facepipe::embed
