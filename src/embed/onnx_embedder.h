// A network on ONNX Runtime: the kind "onnx".
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "base/result.h"
#include "embed/embedder.h"

namespace facepipe::embed {

class OnnxEmbedder final : public Embedder {
 public:
  // Loads the pack's embedder: the graph prepacked for this machine where the pack has one that gives the portable
  // graph's answer (0.03 s for the default weights, which stay in their file and are mapped), else the portable one
  // (0.3 s, 120 MB). Errors name the file and the trouble:
  // kInvalidData for what the runtime refuses or for a graph of another kind, kMismatch for another embedding size
  // than the manifest's, kInvalidArgument for the threads.
  [[nodiscard]] static Result<OnnxEmbedder> load(const model::ModelPack& pack, const EmbedderOptions& options = {});
  OnnxEmbedder(OnnxEmbedder&&) noexcept;
  OnnxEmbedder& operator=(OnnxEmbedder&&) noexcept;
  ~OnnxEmbedder() override;

  [[nodiscard]] bool prepacked() const;  // which of the two was loaded

  // In runs of at most 4 crops. kInvalidArgument for an input_px that the pack's network does not take, with its range.
  [[nodiscard]] Result<std::vector<Embedding>> embed(std::span<const image::RgbView> crops,
                                                     const model::Preprocessing& preprocessing) const override;

 private:
  struct State;
  explicit OnnxEmbedder(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

// OnnxEmbedder::load, as the registry has it.
[[nodiscard]] Result<std::unique_ptr<const Embedder>> load_onnx_embedder(const model::ModelPack& pack,
                                                                         const EmbedderOptions& options);

}  // namespace facepipe::embed
