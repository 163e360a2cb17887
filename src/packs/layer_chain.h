// From an embedder's graph to the layers that own kernels run (embed/layers).
#pragma once

#include <optional>

#include "base/bytes.h"
#include "base/result.h"
#include "packs/onnx_graph.h"

namespace facepipe::packs {

// The file of embed/layers/layer_file.h that makes what `graph` makes before its rows are brought to length 1. nullopt
// for a graph that is no chain of what those kernels know: a convolution of the picture, then 1x1 and depthwise ones of
// a multiple of 16 channels, PReLUs as rewrite_prelus() leaves them between convolutions, sums with earlier outputs, to
// one pixel.
[[nodiscard]] std::optional<Bytes> layer_file(const OnnxGraph& graph);

// Do the layers of such a file make the embedding of a pattern that the graph makes? kInternal if not; the runtime's
// errors.
[[nodiscard]] Status try_layers(ByteView layers, ByteView onnx, int embedding_size);

}  // namespace facepipe::packs
