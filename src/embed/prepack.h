// The embedder's graph as the runtime lays it out for one kind of CPU: optimised, weights in the kernels' own order and
// in a file that is mapped. Loading it takes a tenth of the time and no heap for the weights.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"

namespace facepipe::embed {

// What such a layout depends on: the runtime's version and those features of this CPU that its kernels are chosen by.
// "onnxruntime-1.32.0-x86_64-avx2-fma". A layout works where this text is the same, and nowhere else.
[[nodiscard]] std::string prepack_target();

// Roles of a pack's files (docs/formats/model-pack.md): the graph for `target`, its weights, and the embedding that the
// portable graph makes of a fixed pattern, D float32 values.
[[nodiscard]] std::string prepacked_role(const std::string& target);
[[nodiscard]] std::string prepacked_weights_role(const std::string& target);
inline constexpr std::string_view kPatternRole = "embedder-pattern";

struct PrepackedGraph {
  Bytes graph;         // ONNX with the runtime's own operators; names the other file
  Bytes initializers;  // the weights
  Bytes pattern;       // what kPatternRole holds
};

// Lays out `onnx`, an embedder of `embedding_size`, for this machine. The graph looks for the weights under
// `initializers_name` in its own folder. Two files are written to and removed from `scratch`, a folder that exists.
// kInvalidData for what the runtime refuses, kUnavailable or kExhausted for trouble with the files.
[[nodiscard]] Result<PrepackedGraph> prepack(ByteView onnx, int embedding_size, const std::string& initializers_name,
                                             const std::filesystem::path& scratch);

}  // namespace facepipe::embed
