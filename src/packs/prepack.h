// Lays an embedder's graph out for this machine (embed/prepacked.h).
#pragma once

#include <filesystem>
#include <string>

#include "base/bytes.h"
#include "base/result.h"

namespace facepipe::packs {

struct PrepackedGraph {
  Bytes graph;         // ONNX with the runtime's own operators; names the other file
  Bytes initializers;  // the weights
  Bytes pattern;       // what embed::kPatternRole holds
};

// `onnx` is an embedder of `embedding_size`. The graph looks for the weights under `initializers_name` in its own
// folder. Two files are written to and removed from `scratch`, a folder that exists. kInvalidData for what the runtime
// refuses, kUnavailable or kExhausted for trouble with the files.
[[nodiscard]] Result<PrepackedGraph> prepack(ByteView onnx, int embedding_size, const std::string& initializers_name,
                                             const std::filesystem::path& scratch);

}  // namespace facepipe::packs
