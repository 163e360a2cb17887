// Tested by embedder_test.cc, onnx_embedder_test.cc and tests/seam/seam_test.cc.
#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include "embed/embedder.h"
#include "embed/layer_embedder.h"
#include "embed/onnx_embedder.h"

namespace facepipe::embed {
namespace {

constexpr int kMaxThreads = 256;

template <typename Kind>
Result<std::unique_ptr<const Embedder>> load_kind(const model::ModelPack& pack, const EmbedderOptions& options) {
  FACEPIPE_ASSIGN(Kind embedder, Kind::load(pack, options));
  return std::unique_ptr<const Embedder>(std::make_unique<Kind>(std::move(embedder)));
}

Result<std::unique_ptr<const Embedder>> load_graph(const model::ModelPack& pack, const EmbedderOptions& options) {
  return !options.portable && pack.manifest().files.contains(std::string(kLayersRole))
             ? load_kind<LayerEmbedder>(pack, options)
             : load_kind<OnnxEmbedder>(pack, options);
}

}  // namespace

double length_of(std::span<const float> values) {
  double squares = 0;
  for (const float value : values) {
    squares += double{value} * double{value};
  }
  return std::sqrt(squares);
}

bool are_near(std::span<const float> a, std::span<const float> b, double tolerance) {
  return std::ranges::equal(a, b, [&](float x, float y) { return std::abs(double{x} - double{y}) <= tolerance; });
}

Status check_threads(const EmbedderOptions& options) {
  if (options.threads < 1 || options.threads > kMaxThreads) {
    return Error{ErrorCode::kInvalidArgument, "embedder threads: expected 1 to " + std::to_string(kMaxThreads) +
                                                  ", got " + std::to_string(options.threads)};
  }
  return {};
}

const EmbedderKinds& embedder_kinds() {
  static const EmbedderKinds kinds("embedder", {{"onnx", &load_graph}});
  return kinds;
}

std::vector<Embedding> without_norms(std::vector<MeasuredEmbedding> measured) {
  std::vector<Embedding> embeddings;
  embeddings.reserve(measured.size());
  for (MeasuredEmbedding& one : measured) {
    embeddings.push_back(std::move(one.embedding));
  }
  return embeddings;
}

Result<std::vector<Embedding>> Embedder::embed(std::span<const image::RgbView> crops,
                                               const model::Preprocessing& preprocessing) const {
  FACEPIPE_ASSIGN(std::vector<MeasuredEmbedding> measured, measure(crops, preprocessing));
  return without_norms(std::move(measured));
}

Result<std::unique_ptr<const Embedder>> load_embedder(const model::ModelPack& pack, const EmbedderOptions& options,
                                                      const EmbedderKinds& kinds) {
  FACEPIPE_ASSIGN(const LoadEmbedder load, kinds.find(pack.manifest().embedder_kind));
  return load(pack, options);
}

}  // namespace facepipe::embed
