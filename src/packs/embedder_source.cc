// Tested by embedder_source_test.cc, embed_golden_test.cc and mobilefacenet_golden_test.cc.
#include "packs/embedder_source.h"

#include <utility>

#include "base/file.h"
#include "base/hash.h"
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

// A network that comes with its graph. Its identity is that of the file: whoever has it builds a pack that goes with the
// same galleries, however this program rewrites it.
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

Result<EmbedderSource> from_weights(const std::filesystem::path& path, const model::Preprocessing& preprocessing) {
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
  if (preprocessing.input_px < kMinInputPx) {
    return Error{ErrorCode::kInvalidArgument, "input_px: Inception-ResNet v1 needs at least " +
                                                  std::to_string(kMinInputPx) + ", got " +
                                                  std::to_string(preprocessing.input_px)};
  }
  return EmbedderSource{*std::move(graph), model_id(*canonical), weights::embedding_size(*canonical), kMinInputPx,
                        std::move(weights.source)};
}

}  // namespace

Result<EmbedderSource> read_embedder(const std::filesystem::path& path, const model::Preprocessing& preprocessing,
                                     std::optional<int> embedding_size) {
  const EmbedderShape shape{preprocessing.input_px, embedding_size};
  FACEPIPE_ASSIGN(const MappedFile file, MappedFile::open(path));
  const bool tflite = weights::is_tflite(file.bytes());
  if (!tflite && !is_onnx(file.bytes())) {
    return from_weights(path, preprocessing);
  }
  Result<EmbedderSource> source = tflite ? from_tflite(file.bytes(), shape) : from_onnx(file.bytes(), shape);
  if (!source) {
    return source.error().with_context(path.string());
  }
  source->source.name = path.filename().string();
  return source;
}

}  // namespace facepipe::packs
