// A float32 graph as one that ONNX Runtime runs in int8: QuantizeLinear and DequantizeLinear around the operators that
// it then replaces by integer ones.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "packs/calibration.h"
#include "packs/onnx_graph.h"

namespace facepipe::packs {

// The tensors made by nodes whose statistics quantised_onnx needs, in the graph's order: inputs of convolutions, of
// concatenations and their outputs, of additions and of max pooling.
[[nodiscard]] std::vector<std::string> tensors_to_quantise(const OnnxGraph& graph);

// Convolutions get int8 weights (quantise_weights), int32 biases corrected for the weights' rounding, and uint8 inputs;
// concatenation, addition and max pooling run on uint8, too. All else stays float32: the mean over the picture, the
// last linear layer (2 % of the time) and the norm. A tensor is quantised once, however many read it; parts of a
// concatenation take the whole's scale, a max pooling's output that of its input. `calibration` holds
// tensors_to_quantise(graph) and the graph's input. kInvalidData for a convolution whose weights or bias are no
// initializers.
[[nodiscard]] Result<Bytes> quantised_onnx(const OnnxGraph& graph, const Calibration& calibration);

}  // namespace facepipe::packs
