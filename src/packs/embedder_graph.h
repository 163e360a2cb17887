// Whatever network a file holds, as the graph that the embedder runs.
#pragma once

#include <optional>

#include "base/bytes.h"
#include "base/result.h"
#include "packs/onnx_graph.h"

namespace facepipe::packs {

struct EmbedderShape {
  int input_px = 0;                   // side of the network's square input
  std::optional<int> embedding_size;  // where the file does not say it itself
};

// `graph`: [B,3,S,S] or [B,S,S,3] -> [B,D] or [B,D,1,1], under any names, of any batch size or a fixed one. The result:
// [N,3,S,S] -> [N,D] of L2 norm 1 under the names of embed/graph_session.h, rewritten by graph_passes.h; its norms are
// there, and no output yet (OnnxGraph::norms). kMismatch for
// another side or embedding size than the file's, both named; kUnsupported for other shapes; the passes' errors.
[[nodiscard]] Result<OnnxGraph> embedder_graph(OnnxGraph graph, const EmbedderShape& shape);

// D of such a result.
[[nodiscard]] int embedding_size_of(const OnnxGraph& graph);

// Does the runtime take it, are its embeddings unit vectors of finite values, and does a face among others get the
// embedding that it gets alone? kInvalidData or kUnsupported says what not.
[[nodiscard]] Status try_embedder(ByteView onnx, const EmbedderShape& shape);

}  // namespace facepipe::packs
