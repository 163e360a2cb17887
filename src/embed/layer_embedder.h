// A network on own kernels, of packs that hold their network as layers beside its graph.
#pragma once

#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "embed/embedder.h"
#include "embed/layers/network.h"

namespace facepipe::embed {

// The role of a pack's file (docs/formats/layers.md). It makes, to a rounding of float32, what the graph of the role
// "embedder" makes.
inline constexpr std::string_view kLayersRole = "embedder-layers";

class LayerEmbedder final : public Embedder {
 public:
  // Of a pack that has the role. Errors name the file and the trouble: kMismatch for a damaged file or another
  // embedding size than the manifest's, kInvalidArgument for the threads, those of layers::Network::open.
  [[nodiscard]] static Result<LayerEmbedder> load(const model::ModelPack& pack, const EmbedderOptions& options = {});

  // Several crops at the same time where there are threads for it, each on one. kInvalidArgument for an input_px that
  // is not the network's.
  [[nodiscard]] Result<std::vector<MeasuredEmbedding>> measure(
      std::span<const image::RgbView> crops, const model::Preprocessing& preprocessing) const override;

 private:
  LayerEmbedder(layers::Network network, int threads) : network_(std::move(network)), threads_(threads) {}

  layers::Network network_;
  int threads_;
};

}  // namespace facepipe::embed
