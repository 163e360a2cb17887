// Rewrites of a network's graph that leave what it computes (to a rounding) and make it cheaper to run. Each may be
// called on any graph whose nodes are in topological order, as write_onnx wants them; what a pass does not recognise it
// leaves alone.
#pragma once

#include "base/result.h"
#include "packs/onnx_graph.h"

namespace facepipe::packs {

// Takes out what does nothing when a network is used: Identity, and Dropout whose mask nobody asks for.
void drop_identities(OnnxGraph& graph);

// A BatchNormalization of what a Conv alone makes goes into the Conv's weights and bias, in double precision, rounded
// once (docs/numerics.md E1). kInvalidData names the node whose parameters make a value that is not finite or are too
// few.
[[nodiscard]] Status fold_batch_norms(OnnxGraph& graph);

// Relu(x) + c * (x - |x|), as TensorFlow writes a PReLU, becomes PRelu(x, 2c).
void recognise_prelus(OnnxGraph& graph);

// The runtime's PRelu takes twice the time of its parts. With slopes a: a * x + (1 - a) * Relu(x), of any sign and
// size. Between a Conv and nothing but Convs, whose weights can take a minus sign without a rounding: z = -x, and
// -PRelu(x) = z + (a - 1) * Relu(z), one multiplication less (docs/performance.md).
void rewrite_prelus(OnnxGraph& graph);

// Takes out the initializers that no node names.
void drop_unused(OnnxGraph& graph);

}  // namespace facepipe::packs
