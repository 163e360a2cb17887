// Inception-ResNet v1 as facenet-pytorch defines it, as an ONNX graph.
// Szegedy et al., "Inception-v4, Inception-ResNet and the Impact of Residual Connections on Learning", 2016; layer
// sizes, names and paddings: facenet-pytorch 2.6.0 models/inception_resnet_v1.py.
#pragma once

#include "base/bytes.h"
#include "base/result.h"
#include "packs/onnx_graph.h"
#include "weights/tensor.h"

namespace facepipe::packs {

// [N,3,H,W] -> [N,D], L2-normalised, under the names that embed/graph_session.h gives; N, H and W free, at least
// embed::kMinInputPx, D taken from last_linear. `weights` has the names and shapes of
// facenet-pytorch's state_dict(), others are ignored. Batch norms, residual scales and the last linear layer are folded
// in double precision (docs/numerics.md E1, E2). kInvalidData names a tensor that is absent, has another shape (both
// shapes given), or makes a value that is not finite.
[[nodiscard]] Result<OnnxGraph> inception_resnet_v1_graph(const weights::StateDict& weights);

// The same, written.
[[nodiscard]] Result<Bytes> inception_resnet_v1_onnx(const weights::StateDict& weights);

}  // namespace facepipe::packs
