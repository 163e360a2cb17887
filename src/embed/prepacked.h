// A graph that the runtime laid out for one kind of CPU: optimised, weights in the kernels' own order and in a file
// that is mapped. Loading it takes a tenth of the time and no heap for the weights. packs/prepack.h makes them.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "embed/embedder.h"
#include "embed/graph_session.h"

namespace facepipe::embed {

// What such a layout depends on: the runtime's version and those features of this CPU that its kernels are chosen by.
// "onnxruntime-1.32.0-x86_64-avx2-fma". A layout works where this text is the same, and nowhere else.
[[nodiscard]] std::string prepack_target();

// Roles of a pack's files (docs/formats/model-pack.md): the graph for `target`, its weights, and the embedding that the
// portable graph makes of a fixed pattern, D float32 values.
[[nodiscard]] std::string prepacked_role(const std::string& target);
[[nodiscard]] std::string prepacked_weights_role(const std::string& target);
inline constexpr std::string_view kPatternRole = "embedder-pattern";

// `crops` [N,3,side,side] -> N embeddings of `embedding_size`. kInvalidData for an output of another shape; else as
// GraphSession::run.
[[nodiscard]] Result<std::vector<MeasuredEmbedding>> embed_values(const GraphSession& graph,
                                                                  std::span<const float> crops, std::int64_t side,
                                                                  int embedding_size);

// A picture that any network can be tried on, the same at every call: [3,side,side], values in [-1,1]. Of two steps,
// which are coprime to 255, so that no two neighbours are alike, two without likeness.
[[nodiscard]] std::vector<float> test_pattern(int side, std::size_t step = 37);

// The embedding of that pattern, of the side that the graph fixes, else 80: a few milliseconds. A prepacked graph is
// checked against the portable graph's, so that a layout for another CPU, or a damaged one, is found before it names
// anyone.
[[nodiscard]] Result<Embedding> embed_pattern(const GraphSession& graph, int embedding_size);

}  // namespace facepipe::embed
