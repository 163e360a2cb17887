// Running the embedder's graph on normalised values. Private to this module: it shows the runtime's types.
#pragma once

#include <onnxruntime_cxx_api.h>

#include <cstdint>
#include <vector>

#include "base/result.h"
#include "embed/embedder.h"

namespace facepipe::embed {

// `input` [count,3,side,side] -> `count` embeddings of `embedding_size`, appended. kInvalidData for an output of
// another shape. May throw Ort::Exception. Run() is not const, but the runtime allows calls from several threads.
[[nodiscard]] Status run_graph(Ort::Session& session, std::vector<float>& input, std::int64_t count, std::int64_t side,
                               int embedding_size, std::vector<Embedding>& embeddings);

// One float32 input [N,3,S,S] and one float32 output [N,embedding_size] under the names that the graph's writer gives.
// May throw Ort::Exception.
[[nodiscard]] Status check_interface(const Ort::Session& session, int embedding_size);

// The embedding of a fixed pattern of 80x80: a few milliseconds. A prepacked graph is checked against the portable
// graph's, so that a layout for another CPU, or a damaged one, is found before it names anyone. May throw
// Ort::Exception.
[[nodiscard]] Result<Embedding> embed_pattern(Ort::Session& session, int embedding_size);

}  // namespace facepipe::embed
