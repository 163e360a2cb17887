// Tested by embed_golden_test.cc and mobilefacenet_golden_test.cc.
#include "packs/embedder_source.h"

#include <utility>

#include "base/file.h"
#include "base/hash.h"
#include "embed/graph_session.h"
#include "packs/embedder_graph.h"
#include "packs/inception_resnet_v1.h"
#include "packs/onnx_reader.h"
#include "packs/pack_builder.h"
#include "packs/source_file.h"
#include "packs/sources/inception_resnet_v1.h"
#include "packs/sources/tflite.h"
#include "packs/tflite_graph.h"

namespace facepipe::packs {
namespace {

// A network that comes with its graph. Its identity is that of the file: whoever has it builds a pack that goes with
// the same galleries, however this program rewrites it.
Result<EmbedderSource> from_graph(OnnxGraph graph, std::string_view kind, ByteView file, const EmbedderShape& shape) {
  EmbedderSource source;
  FACEPIPE_ASSIGN(OnnxGraph embedder, embedder_graph(std::move(graph), shape));
  source.embedding_size = embedding_size_of(embedder);
  source.min_input_px = shape.input_px;
  FACEPIPE_TRY(try_embedder(write_onnx(embedder), {shape.input_px, source.embedding_size}));
  source.graph = std::move(embedder);
  source.source.sha256 = sha256_hex(file);
  source.model_id = std::string(kind) + ":" + source.source.sha256;
  return source;
}

Result<EmbedderSource> from_tflite(ByteView file, const EmbedderShape& shape) {
  FACEPIPE_ASSIGN(const weights::TfliteModel model, weights::read_tflite(file));
  FACEPIPE_ASSIGN(OnnxGraph graph, tflite_graph(model));
  return from_graph(std::move(graph), "tflite", file, shape);
}

Result<EmbedderSource> from_onnx(ByteView file, const EmbedderShape& shape) {
  FACEPIPE_ASSIGN(OnnxGraph graph, read_onnx(file));
  return from_graph(std::move(graph), "onnx", file, shape);
}

Result<EmbedderSource> from_weights(const std::filesystem::path& path, int input_px) {
  FACEPIPE_ASSIGN(SourceWeights weights, read_source(path));
  Result<weights::StateDict> canonical = weights::canonical_inception_resnet_v1(weights.tensors);
  weights.tensors.clear();
  if (!canonical) {
    return canonical.error().with_context(path.string());
  }
  Result<OnnxGraph> graph = inception_resnet_v1_graph(*canonical);
  if (!graph) {
    return graph.error().with_context(path.string());
  }
  if (input_px < kMinInputPx) {
    return Error{ErrorCode::kInvalidArgument, "input_px: Inception-ResNet v1 needs at least " +
                                                  std::to_string(kMinInputPx) + ", got " + std::to_string(input_px)};
  }
  return EmbedderSource{*std::move(graph), model_id(*canonical), weights::embedding_size(*canonical), kMinInputPx,
                        std::move(weights.source)};
}

Error mismatch(const std::filesystem::path& path, const std::string& what, const std::string& expected,
               const std::string& found) {
  return {ErrorCode::kMismatch, path.string() + ": the recipe is for " + what + " " + expected + ", this is " + found};
}

// Which of the three kinds of PackRecipe::network it is.
Result<std::string> check_file(const PackRecipe& recipe, ByteView file) {
  std::string network = weights::is_tflite(file) ? kTfliteNetwork : is_onnx(file) ? kOnnxNetwork : kInceptionNetwork;
  if (!recipe.network.empty() && recipe.network != network) {
    return mismatch(recipe.embedder, "a network of kind", recipe.network, network);
  }
  if (!recipe.embedder_sha256.empty()) {
    if (const std::string found = sha256_hex(file); found != recipe.embedder_sha256) {
      return mismatch(recipe.embedder, "the file of SHA-256", recipe.embedder_sha256, found);
    }
  }
  return network;
}

Result<EmbedderSource> read_network(const PackRecipe& recipe) {
  const EmbedderShape shape{recipe.preprocessing.input_px, recipe.embedding_size};
  FACEPIPE_ASSIGN(const MappedFile file, MappedFile::open(recipe.embedder));
  FACEPIPE_ASSIGN(const std::string network, check_file(recipe, file.bytes()));
  if (network == kInceptionNetwork) {
    FACEPIPE_ASSIGN(EmbedderSource source, from_weights(recipe.embedder, shape.input_px));
    if (shape.embedding_size && *shape.embedding_size != source.embedding_size) {
      return mismatch(recipe.embedder, "embeddings of", std::to_string(*shape.embedding_size) + " values",
                      "of " + std::to_string(source.embedding_size));
    }
    return source;
  }
  Result<EmbedderSource> source =
      network == kTfliteNetwork ? from_tflite(file.bytes(), shape) : from_onnx(file.bytes(), shape);
  if (!source) {
    return source.error().with_context(recipe.embedder.string());
  }
  source->source.name = recipe.embedder.filename().string();
  return source;
}

}  // namespace

Result<EmbedderSource> read_embedder(const PackRecipe& recipe) {
  FACEPIPE_ASSIGN(EmbedderSource source, read_network(recipe));
  source.graph.norms = recipe.norm ? embed::kNetworkNorms : "";
  return source;
}

}  // namespace facepipe::packs
