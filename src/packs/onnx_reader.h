// An ONNX file that somebody brings, as a graph. docs/formats/weights.md says what is read.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "packs/onnx_graph.h"

namespace facepipe::packs {

// Operator sets whose operators mean what this program takes them for.
inline constexpr std::int64_t kMinOnnxOpset = 7;
inline constexpr std::int64_t kMaxOnnxOpset = 22;

// Does it begin as ONNX files do, with an IR version?
[[nodiscard]] bool is_onnx(ByteView file);

// One float32 input, one float32 output, in the file's own order of dimensions, which are empty where the file does not
// say. The file's names get a mark before them, so that they meet none of ours.
// kUnsupported names what is not read: operators of other domains or outside of the list, graphs inside nodes,
// functions, data outside of the file, initializers of other types than float32 and integers, several inputs or
// outputs. kInvalidData, kTooLarge for damage and for what is past a bound.
[[nodiscard]] Result<OnnxGraph> read_onnx(ByteView file);

}  // namespace facepipe::packs
