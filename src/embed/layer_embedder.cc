// Tested by src/packs/layer_chain_test.cc and mobilefacenet_golden_test.cc.
#include "embed/layer_embedder.h"

#include <algorithm>
#include <atomic>
#include <future>
#include <string>

#include "embed/network_input.h"
#include "embed/normalise.h"

namespace facepipe::embed {
namespace {

MeasuredEmbedding to_unit(Embedding values) {
  const double length = length_of(values);
  const double divisor = std::max(length, double{kSmallestLength});
  for (float& value : values) {
    value = static_cast<float>(double{value} / divisor);
  }
  return {std::move(values), static_cast<float>(length)};
}

}  // namespace

Result<LayerEmbedder> LayerEmbedder::load(const model::ModelPack& pack, const EmbedderOptions& options) {
  FACEPIPE_TRY(check_threads(options));
  FACEPIPE_ASSIGN(MappedFile file, pack.map(kLayersRole));
  const std::string name = pack.file(kLayersRole).string();
  FACEPIPE_ASSIGN(layers::Network network, layers::Network::open(std::move(file)).with_context(name));
  if (const int size = pack.manifest().embedding_size; network.output_size() != size) {
    return Error{ErrorCode::kMismatch, name + ": the manifest says embeddings of " + std::to_string(size) +
                                           " values, the layers make " + std::to_string(network.output_size())};
  }
  return LayerEmbedder(std::move(network), options.threads);
}

Result<std::vector<MeasuredEmbedding>> LayerEmbedder::measure(std::span<const image::RgbView> crops,
                                                              const model::Preprocessing& preprocessing) const {
  const int side = network_.input_px();
  FACEPIPE_TRY(check_input(crops, preprocessing, side, side));
  std::vector<MeasuredEmbedding> embeddings(crops.size());
  std::atomic<std::size_t> next{0};
  const auto take_turns = [&] {
    std::vector<float> planes(3 * static_cast<std::size_t>(side) * static_cast<std::size_t>(side));
    for (std::size_t i = next++; i < crops.size(); i = next++) {
      normalise(crops[i], preprocessing, planes);
      Embedding values(static_cast<std::size_t>(network_.output_size()));
      network_.run(planes, values);
      embeddings[i] = to_unit(std::move(values));
    }
  };
  std::vector<std::future<void>> others;
  for (std::size_t i = 1; i < std::min(static_cast<std::size_t>(threads_), crops.size()); ++i) {
    // Where the system has no more threads, it is run below, when there is nothing left for it.
    others.push_back(std::async(std::launch::async | std::launch::deferred, take_turns));
  }
  if (!crops.empty()) {
    take_turns();
  }
  for (std::future<void>& other : others) {
    other.get();
  }
  return embeddings;
}

}  // namespace facepipe::embed
