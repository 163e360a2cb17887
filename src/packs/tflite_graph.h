// A TensorFlow Lite model as an ONNX graph: pictures as planes in place of interleaved channels, any number of them.
#pragma once

#include "base/result.h"
#include "packs/onnx_graph.h"
#include "packs/sources/tflite.h"

namespace facepipe::packs {

// [N,3,S,S] -> [N,D]: what `model` computes of [B,S,S,3], for any N, under the file's own order of channels. Input and
// output have the names of embed/graph_session.h; the output is not normalised. The activations of four dimensions are
// [N,C,H,W]; kInvalidData names the operator whose shapes do not go together, kUnsupported what has no such form (a
// reshape of anything but [B,1,1,D], constants that are no [C]).
[[nodiscard]] Result<OnnxGraph> tflite_graph(const weights::TfliteModel& model);

}  // namespace facepipe::packs
